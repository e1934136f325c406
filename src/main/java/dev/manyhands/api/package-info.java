/**
 * Serves the service over HTTP: controllers, request and response records, problems and streams.
 * May use every package of the service except {@code config}, {@code memo}, {@code harness} and
 * {@code sdk}; it never talks to worker processes. Start with {@link
 * dev.manyhands.api.JobsController}, {@link dev.manyhands.api.Jobs} and {@link
 * dev.manyhands.api.Problems}.
 */
@NullMarked
package dev.manyhands.api;

import org.jspecify.annotations.NullMarked;
