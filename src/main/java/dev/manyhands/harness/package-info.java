/**
 * Runs inside a Java worker process: the Java side of {@code docs/worker-protocol.md}. Knows the
 * JDK and {@code dev.manyhands.sdk}, nothing of the service.
 *
 * <p>A worker should be ready in some tens of milliseconds, so what runs before the first chunk
 * avoids lambdas, string formatting and reflection by method handle, each of which loads hundreds
 * of classes.
 */
@NullMarked
package dev.manyhands.harness;

import org.jspecify.annotations.NullMarked;
