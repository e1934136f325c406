/**
 * Defines a comparison of several ways to run one job, its runs, and the run to make next. May use
 * {@code model}; it does no I/O. Start with {@link dev.manyhands.model.comparison.Comparison} and
 * {@link dev.manyhands.model.comparison.Run}.
 */
@NullMarked
package dev.manyhands.model.comparison;

import org.jspecify.annotations.NullMarked;
