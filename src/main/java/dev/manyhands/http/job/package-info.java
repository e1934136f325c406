/**
 * Serves jobs, their items, inputs, logs, callbacks and timelines. May use {@code http}, {@code
 * http.result} and the rooms below {@code http}. Start with {@link
 * dev.manyhands.http.job.JobsController} and {@link dev.manyhands.http.job.JobView}.
 */
@NullMarked
package dev.manyhands.http.job;

import org.jspecify.annotations.NullMarked;
