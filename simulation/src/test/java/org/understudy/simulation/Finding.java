package org.understudy.simulation;

/**
 * One breach of a rule of the house, as the person who must mend it wants to read it.
 *
 * @param file path from the root of the checkout
 * @param line counted from 1
 * @param rule one word that exceptions are listed by
 * @param what the fact
 */
record Finding(String file, long line, String rule, String what) {
    @Override
    public String toString() {
        return "%s:%d [%s] %s".formatted(file, line, rule, what);
    }
}
