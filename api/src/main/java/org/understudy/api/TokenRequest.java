package org.understudy.api;

/** Makes a token with a role, one of those in {@link TokenView}. */
public record TokenRequest(String name, String role) {}
