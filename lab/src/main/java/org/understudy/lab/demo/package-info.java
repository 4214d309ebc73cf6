/**
 * {@code understudy demo}: the product's whole story on one machine, told with measured numbers. Read {@code Story}
 * first; {@code Main} surrounds it with what makes it safe to try: refusals, Ctrl-C, cleaning up.
 */
package org.understudy.lab.demo;
