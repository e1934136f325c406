/**
 * Provides the functions that are always available: examples, demonstrations and loads for
 * measurements. May use the JDK and {@code sdk}, and no other package of the service. Start with
 * {@link dev.manyhands.harness.builtin.CheckPrime}, which shows how a function polls for a stop.
 */
@NullMarked
package dev.manyhands.harness.builtin;

import org.jspecify.annotations.NullMarked;
