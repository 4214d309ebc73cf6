/**
 * Durable jobs of named steps over SQL: a job is a row with a lease, a step is a function that may be run again. Knows
 * no word of what the jobs are for. {@link org.understudy.workflow.Jobs} is the front door,
 * {@link org.understudy.workflow.JobRunner} the loop, {@link org.understudy.workflow.JobStore} the one with the tables.
 */
package org.understudy.workflow;
