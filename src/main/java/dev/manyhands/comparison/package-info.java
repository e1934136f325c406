/**
 * Compares several ways to run one job: the run to make next, the figures of the times, and a
 * picture. May use {@code job}, {@code json}, {@code combine} and {@code support}; it does no I/O,
 * because {@code api} runs and {@code store} stores comparisons. Start with {@link
 * dev.manyhands.comparison.Comparison} and {@link dev.manyhands.comparison.ComparisonTable}.
 */
@NullMarked
package dev.manyhands.comparison;

import org.jspecify.annotations.NullMarked;
