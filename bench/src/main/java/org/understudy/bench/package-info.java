/**
 * Measures Understudy beside public tools that read the same running VM, and its parts by themselves.
 *
 * <p>{@link org.understudy.bench.Figure} lists all that is measured; {@code bench/RESULTS.md} holds the numbers of a
 * run and what limits each.
 */
package org.understudy.bench;
