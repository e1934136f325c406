/**
 * Which chunk runs next, and where. {@link dev.manyhands.scheduler.SchedulerCore} decides,
 * deterministically and without I/O; {@link dev.manyhands.scheduler.Scheduler} is the thread that
 * drives it with real workers and a real store.
 */
@NullMarked
package dev.manyhands.scheduler;

import org.jspecify.annotations.NullMarked;
