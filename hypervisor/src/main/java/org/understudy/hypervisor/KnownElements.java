package org.understudy.hypervisor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;

/**
 * The list of what a machine at the target is built from, {@code known-elements.txt}: a copy holds what the list names
 * and nothing else, so that a definition can make the target's host open or run nothing by naming it.
 */
final class KnownElements {
    private static final Map<String, Rule> RULES = read();
    private static final String ALIAS_OF_A_USER = "ua-";

    private KnownElements() {}

    /** What is carried of one element. */
    private record Rule(Set<String> attributes, boolean everyAttribute, Text text, Set<String> quiet, boolean own) {}

    private enum Text { NONE, PLAIN, FREE }

    /**
     * A document of the known elements of another.
     *
     * @param paths the files of this host that the plan itself named: the only values with a slash that are carried
     * @param leftOut is told of each element, attribute and value that is not carried, in words
     */
    static XmlDocument copy(XmlDocument from, Set<String> paths, Consumer<String> leftOut) {
        XmlDocument copy = XmlDocument.of("domain");
        new Copying(paths, leftOut).fill(from.root(), copy.root(), "domain");
        return copy;
    }

    /** One copy being made. */
    private record Copying(Set<String> paths, Consumer<String> leftOut) {
        void fill(Element from, Element to, String path) {
            Rule rule = RULES.get(path);
            for (int i = 0; i < from.getAttributes().getLength(); i++) {
                attribute(rule, (Attr) from.getAttributes().item(i), to, path);
            }
            text(rule, from, to, path);
            for (Element child : XmlDocument.children(from)) {
                String below = path + "/" + child.getNodeName();
                Rule known = RULES.get(below);
                if (known == null) {
                    leftOut.accept("Element " + shown(below) + " is not carried.");
                } else if (!known.own() && !isAliasOfLibvirt(child)) {
                    Element made = XmlDocument.append(to, child.getNodeName());
                    fill(child, made, below);
                }
            }
        }

        private void attribute(Rule rule, Attr attribute, Element to, String path) {
            String name = attribute.getName();
            if (rule.quiet().contains(name) || name.startsWith("xmlns")) {
                return;
            }
            if (!rule.everyAttribute() && !rule.attributes().contains(name)) {
                leftOut.accept("Attribute " + name + " of element " + shown(path) + " is not carried.");
            } else if (!isPlain(attribute.getValue())) {
                leftOut.accept("Attribute " + name + " of element " + shown(path) + " names the file "
                        + shown(attribute.getValue()) + " of its host and is not carried.");
            } else {
                to.setAttribute(name, attribute.getValue());
            }
        }

        private void text(Rule rule, Element from, Element to, String path) {
            String text = XmlDocument.ownText(from);
            if (rule.text() == Text.NONE || text.isEmpty()) {
                return;
            }
            if (rule.text() == Text.FREE || isPlain(text)) {
                to.setTextContent(text);
            } else {
                leftOut.accept("Element " + shown(path) + " names the file " + shown(text)
                        + " of its host and is not carried.");
            }
        }

        private boolean isPlain(String value) {
            return value.indexOf('/') < 0 || paths.contains(value);
        }

        /** libvirt gives every device of a running VM a name; only those that a user gave are kept. */
        private static boolean isAliasOfLibvirt(Element element) {
            return element.getNodeName().equals("alias") && !element.getAttribute("name").startsWith(ALIAS_OF_A_USER);
        }

        private static String shown(String text) {
            String oneLine = text.startsWith("domain/") ? text.substring("domain/".length()) : text;
            return oneLine.length() <= 120 ? oneLine : oneLine.substring(0, 119) + "…";
        }
    }

    private static Map<String, Rule> read() {
        Map<String, Rule> rules = new HashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                KnownElements.class.getResourceAsStream("known-elements.txt"), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> add(rules, line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(rules);
    }

    private static void add(Map<String, Rule> rules, String line) {
        List<String> words = List.of(line.split(" "));
        if (words.getFirst().equals("-")) {
            rules.put(words.get(1), new Rule(Set.of(), false, Text.NONE, Set.of(), true));
        } else if (words.getFirst().equals("-@")) {
            Rule known = rules.get(words.get(1));
            Set<String> quiet = new HashSet<>(words.subList(2, words.size()));
            rules.put(words.get(1), new Rule(known.attributes(), known.everyAttribute(), known.text(), quiet, false));
        } else {
            Set<String> attributes = new HashSet<>(words.subList(1, words.size()));
            boolean all = attributes.remove("@");
            Text text = attributes.remove("*") ? Text.FREE : attributes.remove("=") ? Text.PLAIN : Text.NONE;
            rules.put(words.getFirst(), new Rule(attributes, all, text, Set.of(), false));
        }
    }
}
