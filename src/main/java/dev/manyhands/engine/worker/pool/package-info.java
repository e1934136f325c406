/**
 * Puts workers behind slots, keeps them warm, watches them and ends them; it runs in the
 * scheduler's thread and starts no process itself. May use {@code engine.worker} and {@code model}.
 * Start with {@link dev.manyhands.engine.worker.pool.WorkerPool}, {@link
 * dev.manyhands.engine.worker.pool.Worker} and {@link dev.manyhands.engine.worker.pool.Ending}.
 */
@NullMarked
package dev.manyhands.engine.worker.pool;

import org.jspecify.annotations.NullMarked;
