/**
 * Does what can be done with a job: submit, feed, wait, change, cancel, retry and delete. It also
 * lists and counts jobs, acts on many jobs at once, holds jobs back until others allow them, and
 * deletes expired jobs. May use {@code intake}, {@code engine}, {@code function}, {@code store},
 * {@code model} and {@code support}, but no HTTP and no framework. Start with {@link
 * dev.manyhands.jobs.JobDesk}, {@link dev.manyhands.jobs.WaitingJobs} and {@link
 * dev.manyhands.jobs.Retention}.
 */
@NullMarked
package dev.manyhands.jobs;

import org.jspecify.annotations.NullMarked;
