package org.understudy.vault.http;

import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRules;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** What resources answer, as {@code get /api/v1/sites}: their routes are written down instead of being served. */
public final class RouteList {
    private RouteList() {}

    public static Set<String> of(List<Resource> resources) {
        Set<String> found = new TreeSet<>();
        HttpRules rules = (HttpRules) Proxy.newProxyInstance(RouteList.class.getClassLoader(),
                new Class<?>[] {HttpRules.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "route" -> found.add(
                                ((Method) arguments[0]).text().toLowerCase(Locale.ROOT) + " " + arguments[1]);
                        default -> throw new AssertionError("a route of an unknown kind: " + method);
                    }
                    return proxy;
                });
        AuditTrail nothing = new AuditTrail() {
            @Override
            public void record(Entry entry) {
                throw new AssertionError("nothing happens here");
            }

            @Override
            public <T> T together(Supplier<T> deed) {
                throw new AssertionError("nothing happens here");
            }
        };
        Routes routes = new Routes(rules, token -> Optional.empty(), nothing, new ErrorMapping(Clock.systemUTC()),
                new Routes.Gate(new Door(DoorLimits.USUAL, System::nanoTime),
                        new Strangers(nothing, System::nanoTime)));
        resources.forEach(resource -> resource.routes(routes));
        return found;
    }
}
