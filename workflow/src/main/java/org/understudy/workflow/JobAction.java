package org.understudy.workflow;

/** What may be asked of a job (J-03). */
public enum JobAction { CANCEL, RESTART, RESUME }
