/**
 * Serves progress and results of a job as Server-Sent Events. May use {@code http}, {@code
 * http.job} and the rooms below {@code http}. Start with {@link
 * dev.manyhands.http.event.EventsController} and {@link dev.manyhands.http.event.JobEvents}.
 */
@NullMarked
package dev.manyhands.http.event;

import org.jspecify.annotations.NullMarked;
