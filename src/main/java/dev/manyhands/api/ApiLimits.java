package dev.manyhands.api;

import dev.manyhands.json.JsonLimits;

/**
 * Caps on what one request may ask for; {@code GET /api/v1/limits} shows them.
 *
 * @param maxBodyBytes of a whole request
 * @param maxItems of a job
 * @param maxUnfinishedJobs that wait or run
 * @param json of each item
 * @param maxSpecBytes of a job without its inputs
 */
public record ApiLimits(
    long maxBodyBytes, long maxItems, int maxUnfinishedJobs, JsonLimits json, int maxSpecBytes) {}
