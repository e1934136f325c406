package dev.manyhands.model;

/**
 * A run of items that a worker gets in one message.
 *
 * @param number names the chunk; rises over the life of the service
 * @param version of the grant under which the chunk was cut
 * @param attempt 1 unless its items were tried before
 */
public record Chunk(long number, JobId job, long version, ItemRange items, int attempt) {}
