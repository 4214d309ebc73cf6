package org.understudy.changelog;

/** Whether a log's writer tries to make data frames smaller; each frame is stored plain when that does not help. */
public enum Compression { NONE, ZSTD }
