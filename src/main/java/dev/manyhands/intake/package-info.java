/**
 * Turns the bytes of requests into job specs and stored inputs, and refuses invalid requests with
 * the field, the fault and the remedy. May use {@code function}, {@code store}, {@code model} and
 * {@code support}, but no HTTP and no framework. Start with {@link
 * dev.manyhands.intake.SpecReader}, {@link dev.manyhands.intake.JobBodyReader} and {@link
 * dev.manyhands.intake.StrictJson}.
 */
@NullMarked
package dev.manyhands.intake;

import org.jspecify.annotations.NullMarked;
