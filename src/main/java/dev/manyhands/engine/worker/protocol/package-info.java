/**
 * Speaks with workers: frames as in {@code docs/reference/worker-protocol.md}, or lines with
 * commands, and checks every byte that comes back. May use {@code engine.worker}, {@code
 * Executables} of {@code engine.worker.sandbox}, {@code function} and {@code model}. Start with
 * {@link dev.manyhands.engine.worker.protocol.FrameChannel}, {@link
 * dev.manyhands.engine.worker.protocol.LineChannel} and {@link
 * dev.manyhands.engine.worker.protocol.RuntimeAdapter}.
 */
@NullMarked
package dev.manyhands.engine.worker.protocol;

import org.jspecify.annotations.NullMarked;
