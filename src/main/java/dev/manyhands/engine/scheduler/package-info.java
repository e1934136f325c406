/**
 * Decides which chunk of which job runs next, and in which slot, and performs these decisions with
 * real workers and a real store. May use {@code engine.worker}, {@code engine.memo}, {@code store}
 * and {@code model}, but no framework and no SQL. {@link
 * dev.manyhands.engine.scheduler.SchedulerCore} makes the decisions without I/O. Start with {@link
 * dev.manyhands.engine.scheduler.Scheduler} and {@link
 * dev.manyhands.engine.scheduler.SchedulerCore}.
 */
@NullMarked
package dev.manyhands.engine.scheduler;

import org.jspecify.annotations.NullMarked;
