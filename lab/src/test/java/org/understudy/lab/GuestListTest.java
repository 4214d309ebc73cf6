package org.understudy.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lab lists every VM that libvirt has, whatever its name; libvirt itself is played by a few lines of shell. */
class GuestListTest {
    private static final List<String> NAMES =
            List.of("web01", "web 01", "a  b c", "7", "--help", "say \"hi\"", "back\\slash", "naïve vm");
    private static final String UNDEFINED_MEANWHILE = " ''";

    /** Answers as virsh does: to a number it would take for a VM's running id, or to an option, it answers nothing. */
    private static final String PLAYED = """
            names=(%s)
            virsh() {
                local last="${@: -1}" i
                case "$*" in
                *"list --all --uuid"*)
                    for i in "${!names[@]}"; do printf '00000000-0000-0000-0000-%%012d\\n' "$i"; done; echo; return ;;
                *"list --all --name"*) printf '%%s\\n' "${names[@]}" ''; return ;;
                esac
                case "$*" in *domifaddr*) last="$5" ;; esac
                case "$last" in
                00000000-*) i=$((10#${last##*-})) ;;
                *) return 1 ;;
                esac
                [ -n "${names[i]}" ] || return 1
                case "$*" in
                *domname*) printf '%%s\\n\\n' "${names[i]}" ;;
                *domstate*) if [ "$i" = 1 ]; then echo running; else echo 'shut off'; fi; echo ;;
                *domifaddr*)
                    [ "$i" = 1 ] || return 0
                    echo ' vnet0      52:54:00:00:00:01    ipv4         10.64.0.17/24' ;;
                esac
            }
            """;

    private static final String AROUND = """
            set -euo pipefail
            LAB=test LAB_DIR=/nowhere
            . lib/names.sh; . lib/status.sh; . lib/guest.sh
            need_root() { :; }
            need_lab() { HOSTS=1; }
            host_answers() { :; }
            """;

    @Test
    void listsNamesOfAnyKindAsJson() throws IOException, InterruptedException {
        JsonNode guests = new ObjectMapper().readTree(answerTo("guest_list --output json"));
        assertThat(guests).hasSize(NAMES.size());
        List<String> names = new ArrayList<>();
        guests.forEach(guest -> names.add(guest.get("name").asText()));
        assertThat(names).isEqualTo(NAMES);
        assertThat(guests.get(0).get("state").asText()).isEqualTo("running");
        assertThat(guests.get(0).get("address").asText()).isEqualTo("10.64.0.17");
        for (int i = 1; i < NAMES.size(); i++) {
            assertThat(guests.get(i).get("state").asText()).isEqualTo("shut-off");
            assertThat(guests.get(i).get("address").asText()).isEmpty();
            assertThat(guests.get(i).get("host").asText()).isEqualTo("stockholm");
        }
    }

    @Test
    void listsNamesWithBlanksAsOneWordForEyes() throws IOException, InterruptedException {
        assertThat(answerTo("guest_list").lines())
                .contains("web01 stockholm running 10.64.0.17", "\"web 01\" stockholm shut-off -",
                        "7 stockholm shut-off -");
    }

    private static String answerTo(String command) throws IOException, InterruptedException {
        StringBuilder words = new StringBuilder(UNDEFINED_MEANWHILE);
        NAMES.forEach(name -> words.append(" '").append(name).append('\''));
        Process shell = new ProcessBuilder("bash", "-c", AROUND + PLAYED.formatted(words) + command)
                .directory(Path.of("").toAbsolutePath().toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).isZero();
        return answer;
    }
}
