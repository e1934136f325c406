/**
 * Decides which chunk of which job runs next, and in which slot, and performs these decisions with
 * real workers and a real store. The package may use {@code memo}, {@code worker}, {@code store},
 * {@code combine}, {@code json}, {@code support} and {@code job}, but no framework and no SQL.
 * Start reading with {@link dev.manyhands.scheduler.Scheduler}, which is the entrance for all
 * callers, and with {@link dev.manyhands.scheduler.SchedulerCore}, which makes the decisions
 * without I/O.
 */
@NullMarked
package dev.manyhands.scheduler;

import org.jspecify.annotations.NullMarked;
