/**
 * Starts worker processes, sends them chunks, watches them, stops them and keeps them warm. The
 * package may use {@code function}, {@code store}, {@code combine}, {@code json}, {@code support}
 * and {@code job}, but no framework and no SQL. Start reading with {@link
 * dev.manyhands.worker.WorkerPool}, which puts workers behind slots, and with {@link
 * dev.manyhands.worker.WorkerLauncher}, which starts their processes.
 */
@NullMarked
package dev.manyhands.worker;

import org.jspecify.annotations.NullMarked;
