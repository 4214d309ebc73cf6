package org.understudy.api;

import java.util.List;

/** Health with its reasons, worst first; without a reason it is normal. */
public record HealthView(Level level, List<String> reasons) {
    public HealthView {
        reasons = List.copyOf(reasons);
    }

    /** The levels of health, from good to bad; not applicable where nothing is expected to replicate. */
    public enum Level { NOT_APPLICABLE, NORMAL, WARNING, CRITICAL }
}
