/**
 * Serves comparisons of several ways to run one job. May use {@code http} and the rooms below it,
 * but no other noun. Start with {@link dev.manyhands.http.comparison.ComparisonsController} and
 * {@link dev.manyhands.http.comparison.ComparisonView}.
 */
@NullMarked
package dev.manyhands.http.comparison;

import org.jspecify.annotations.NullMarked;
