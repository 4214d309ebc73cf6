/**
 * From a point in time of a VM's disk to a change log: mechanism alone, no opinion about when or what next.
 *
 * <p>{@link org.understudy.capture.CaptureRange} says how far a cycle goes; {@link org.understudy.capture.DiskCapture}
 * asks the disk what changed and what is allocated, reads that with many requests in flight, compresses on all
 * cores, and appends the frames to a {@code ChangeLogWriter} in the order of the disk.
 */
package org.understudy.capture;
