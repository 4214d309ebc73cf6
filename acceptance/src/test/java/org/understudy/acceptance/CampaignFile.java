package org.understudy.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file to which a campaign adds a line of JSON for each thing that it has seen, as soon as it is over, so that what
 * does not fit into one run goes on in later ones: that of the property understudy.results, or none. Who wants a run to
 * end makes a file of the same name with ".stop" behind it: it ends before the next thing, with its table.
 */
record CampaignFile(Optional<Path> path) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static CampaignFile asked() {
        return new CampaignFile(Optional.ofNullable(System.getProperty("understudy.results"))
                .filter(it -> !it.isEmpty()).map(Path::of));
    }

    /** What was tested, as far as whoever began the campaign said so. */
    static String commit() {
        return System.getProperty("understudy.commit", "unknown");
    }

    /** What earlier runs have added. */
    <T> List<T> read(Class<T> kind) throws IOException {
        List<T> found = new ArrayList<>();
        if (path.filter(Files::exists).isPresent()) {
            for (String line : Files.readAllLines(path.get())) {
                found.add(JSON.readValue(line, kind));
            }
        }
        return found;
    }

    void add(Object row) throws IOException {
        if (path.isPresent()) {
            Files.writeString(path.get(), JSON.writeValueAsString(row) + "\n",
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    boolean isToStop() {
        return path.filter(it -> Files.exists(Path.of(it + ".stop"))).isPresent();
    }
}
