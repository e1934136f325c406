/**
 * Runs inside a Java worker process and speaks the Java side of {@code
 * docs/reference/worker-protocol.md}; it avoids lambdas, string formatting and method handles
 * before the first chunk, because they slow the start. May use the JDK, {@code sdk} and {@code
 * model.combine}, and no other package of the service. Start with {@link
 * dev.manyhands.harness.WorkerMain} and {@link dev.manyhands.harness.ChunkRunner}.
 */
@NullMarked
package dev.manyhands.harness;

import org.jspecify.annotations.NullMarked;
