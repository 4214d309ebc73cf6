package org.understudy.changelog;

/** Whether the writer of a log tries to make data frames smaller; each frame is stored plain when that does not help. */
public enum Compression { NONE, ZSTD }
