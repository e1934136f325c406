/**
 * Serves results, in order or as they come, by pages and as lines. May use {@code http} and the
 * rooms below it, but no other noun. Start with {@link dev.manyhands.http.result.ResultsController}
 * and {@link dev.manyhands.http.result.ResultsWriter}.
 */
@NullMarked
package dev.manyhands.http.result;

import org.jspecify.annotations.NullMarked;
