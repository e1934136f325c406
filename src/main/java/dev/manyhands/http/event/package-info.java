/**
 * Serves the progress and the end of a job, and the changes of all jobs, as Server-Sent Events. May
 * use {@code http}, {@code http.job} and the rooms below {@code http}. Start with {@link
 * dev.manyhands.http.event.EventsController} and {@link dev.manyhands.http.event.JobEvents}.
 */
@NullMarked
package dev.manyhands.http.event;

import org.jspecify.annotations.NullMarked;
