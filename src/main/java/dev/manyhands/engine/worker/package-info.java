/**
 * Names what a worker is to its neighbours: its start, its messages, its events, its control page
 * and its settings. May use {@code engine.worker.sandbox}, {@code store} and {@code model}, but no
 * framework and no SQL. Start with {@link dev.manyhands.engine.worker.WorkerStarter}, {@link
 * dev.manyhands.engine.worker.WorkerEvent} and {@link dev.manyhands.engine.worker.WorkerMessage}.
 */
@NullMarked
package dev.manyhands.engine.worker;

import org.jspecify.annotations.NullMarked;
