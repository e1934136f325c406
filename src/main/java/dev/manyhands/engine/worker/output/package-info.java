/**
 * Assigns what user code prints to its job and item. May use {@code engine.worker} and {@code
 * model}. Start with {@link dev.manyhands.engine.worker.output.PrintedText} and {@link
 * dev.manyhands.engine.worker.output.PrintedLines}.
 */
@NullMarked
package dev.manyhands.engine.worker.output;

import org.jspecify.annotations.NullMarked;
