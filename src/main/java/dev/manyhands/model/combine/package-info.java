/**
 * Combines the results of many items into one. May use nothing but the JDK, because combiners run
 * inside Java workers and in the service. Start with {@link dev.manyhands.model.combine.Combiner}.
 */
@NullMarked
package dev.manyhands.model.combine;

import org.jspecify.annotations.NullMarked;
