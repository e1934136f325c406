/**
 * Holds the objects that the items of a job share: their state, the calls that wait, and the page
 * that workers map. May use {@code store} and {@code model}, but no framework and no worker. Start
 * with {@link dev.manyhands.engine.shared.SharedSet} and {@link
 * dev.manyhands.engine.shared.SharedSets}.
 */
@NullMarked
package dev.manyhands.engine.shared;

import org.jspecify.annotations.NullMarked;
