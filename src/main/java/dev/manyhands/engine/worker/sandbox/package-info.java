/**
 * Confines worker processes by means of the kernel: limits, Landlock, system call filters,
 * namespaces. May use {@code support}, {@code model} and the C library, and no other room. Start
 * with {@link dev.manyhands.engine.worker.sandbox.Isolation} and {@link
 * dev.manyhands.engine.worker.sandbox.Confinement}.
 */
@NullMarked
package dev.manyhands.engine.worker.sandbox;

import org.jspecify.annotations.NullMarked;
