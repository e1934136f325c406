/**
 * Runs one job in several ways, one run after the other. May use {@code jobs} and the rooms below
 * it, but no framework. Start with {@link dev.manyhands.jobs.comparison.Comparisons} and {@link
 * dev.manyhands.jobs.comparison.ComparisonRunner}.
 */
@NullMarked
package dev.manyhands.jobs.comparison;

import org.jspecify.annotations.NullMarked;
