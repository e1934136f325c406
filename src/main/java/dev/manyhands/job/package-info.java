/**
 * The domain: jobs, items, chunks, outcomes, as immutable values. Depends on nothing but the JDK,
 * so that every other package can speak in these words.
 */
@NullMarked
package dev.manyhands.job;

import org.jspecify.annotations.NullMarked;
