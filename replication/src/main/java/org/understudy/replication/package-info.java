/**
 * Replication of one protected item: the planner that decides, the driver that does and tries again, and the seams to
 * the two ends.
 *
 * <p>{@link org.understudy.replication.ReplicationPlanner} is pure and compares where both ends stand.
 * {@link org.understudy.replication.ReplicationDriver} runs two loops, one that captures and one that ships; both plan
 * from standings, so that trying again is planning again and nothing else in the data plane retries. The seams are
 * {@link org.understudy.replication.SourceEnd}, {@link org.understudy.replication.TargetEnd} (made by a
 * {@link org.understudy.replication.TargetDialer}), and at the other side of the wire
 * {@link org.understudy.replication.ReplicaAccess}.
 */
package org.understudy.replication;
