package org.understudy.acceptance;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.understudy.api.VaultClient;

/** Everything in a vault that a person has decided, in words: two equal pictures mean that nothing was changed. */
record VaultPicture(Set<String> objects) {
    static VaultPicture of(VaultClient vault) {
        Stream<String> objects = List.of(
                vault.sites().stream().map(site -> "site " + site.name() + " " + site.id()),
                vault.hosts().stream().map(host -> "host " + host.name() + " " + host.id() + " at " + host.address()),
                vault.clouds().stream().map(cloud -> "cloud " + cloud.name() + " " + cloud.id()),
                vault.cloudPairs().stream().map(pair -> "pair " + pair.name()),
                vault.policies().stream().map(policy -> "policy " + policy),
                vault.networkMappings().stream().map(mapping -> "mapping " + mapping),
                vault.items().stream().map(item -> "item " + item.name() + " " + item.id() + " " + item.state()
                        + " generation " + item.generation() + " test " + item.testFailover().isPresent()),
                vault.jobs(Optional.empty(), false).stream().map(job -> "job " + job.name() + " " + job.id() + " "
                        + job.state())).stream().flatMap(each -> each);
        return new VaultPicture(objects.collect(Collectors.toCollection(TreeSet::new)));
    }
}
