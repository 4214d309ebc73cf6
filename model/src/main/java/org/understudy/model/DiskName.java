package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.regex.Pattern;

/** The name of a disk inside its VM: libvirt's target device, such as {@code vda}. Safe as part of a file name. */
public record DiskName(@JsonValue String value) implements Comparable<DiskName> {
    private static final Pattern LEGAL = Pattern.compile("[a-z][a-z0-9]{0,15}");

    @JsonCreator
    public DiskName {
        Objects.requireNonNull(value, "value");
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("disk name \"" + value + "\" is not of the form " + LEGAL);
        }
    }

    @Override
    public int compareTo(DiskName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
