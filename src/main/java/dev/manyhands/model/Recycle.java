package dev.manyhands.model;

/**
 * When the workers of a job are replaced.
 *
 * @param items how many items a worker runs before it ends, at least 1
 */
public record Recycle(long items) {}
