/**
 * Defines the domain: jobs, items, chunks and outcomes, as immutable values. May use nothing but
 * the JDK and {@code support}, so that every other package can use it. Start with {@link
 * dev.manyhands.job.Job}, {@link dev.manyhands.job.JobSpec} and {@link
 * dev.manyhands.job.JobStatus}.
 */
@NullMarked
package dev.manyhands.job;

import org.jspecify.annotations.NullMarked;
