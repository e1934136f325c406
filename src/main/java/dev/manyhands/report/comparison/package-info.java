/**
 * Turns the times of a comparison into a table, a verdict and a picture. May use {@code model} and
 * {@code support}; it does no I/O. Start with {@link
 * dev.manyhands.report.comparison.ComparisonTable} and {@link
 * dev.manyhands.report.comparison.Verdict}.
 */
@NullMarked
package dev.manyhands.report.comparison;

import org.jspecify.annotations.NullMarked;
