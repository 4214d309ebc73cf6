package org.understudy.api;

/** A token that was just made; {@code token} is told once. */
public record NewTokenView(String name, String role, String token) {}
