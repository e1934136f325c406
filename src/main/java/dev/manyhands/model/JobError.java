package dev.manyhands.model;

import org.jspecify.annotations.Nullable;

/**
 * Describes why a job as a whole failed, apart from any item: its function does not load, or a
 * limit was reached.
 *
 * @param kind a stable word: {@code FUNCTION_NOT_LOADED}, {@code WORKER_NOT_STARTED}, {@code
 *     TIMEOUT}, …
 * @param message the cause and the remedy
 * @param traceback of the user's own code, or the last lines that the worker wrote to stderr; null
 *     if there is neither
 */
public record JobError(String kind, String message, @Nullable String traceback) {}
