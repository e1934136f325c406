/**
 * Holds jobs back until other jobs or a time allow them, copies results into the inputs of other
 * jobs, and deletes expired jobs. May use {@code scheduler}, {@code store} and the domain packages
 * ({@code job}, {@code json}, {@code combine}, {@code support}), but no framework. Start with
 * {@link dev.manyhands.flow.WaitingJobs} and {@link dev.manyhands.flow.Retention}.
 */
@NullMarked
package dev.manyhands.flow;

import org.jspecify.annotations.NullMarked;
