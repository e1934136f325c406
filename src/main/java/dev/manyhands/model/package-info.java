/**
 * Defines the domain: jobs, items, chunks and outcomes, as immutable values. May use nothing but
 * the JDK and {@code support}, so that every room can use it. Start with {@link
 * dev.manyhands.model.Job}, {@link dev.manyhands.model.JobSpec} and {@link
 * dev.manyhands.model.JobStatus}.
 */
@NullMarked
package dev.manyhands.model;

import org.jspecify.annotations.NullMarked;
