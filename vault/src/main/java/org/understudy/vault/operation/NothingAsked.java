package org.understudy.vault.operation;

/** The request of an operation with nothing to choose: whatever its body holds is not looked at. */
public record NothingAsked() {}
