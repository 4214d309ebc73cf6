package org.understudy.model;

/** What a position of a VM's disks promises to whoever boots from it. */
public enum Consistency {
    /** Not bootable: initial replication or a resynchronisation has not covered all disks yet. */
    PARTIAL,
    /** As after a power cut: all disks at one instant, writes in order (RP-01, standard point). */
    CRASH,
    /** The guest froze its file systems and applications for the instant (RP-01). */
    APPLICATION
}
