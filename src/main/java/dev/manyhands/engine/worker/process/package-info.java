/**
 * Starts worker processes, owns their pipes and directories, and cleans up after them. May use the
 * other rooms of {@code engine.worker} except {@code pool}, {@code function}, {@code store}, {@code
 * model} and {@code support}. Start with {@link dev.manyhands.engine.worker.process.WorkerLauncher}
 * and {@link dev.manyhands.engine.worker.process.WorkerProcess}.
 */
@NullMarked
package dev.manyhands.engine.worker.process;

import org.jspecify.annotations.NullMarked;
