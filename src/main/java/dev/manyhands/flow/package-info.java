/**
 * Holds jobs back until other jobs or a time allow them, copies results into the inputs of other
 * jobs, and deletes expired jobs. May use {@code scheduler}, {@code store} and the packages below
 * them, and no framework; it uses {@code job}, {@code json}, {@code scheduler} and {@code store}.
 * Start with {@link dev.manyhands.flow.WaitingJobs}, {@link dev.manyhands.flow.ResultFeed} and
 * {@link dev.manyhands.flow.Retention}.
 */
@NullMarked
package dev.manyhands.flow;

import org.jspecify.annotations.NullMarked;
