/**
 * Remembers the values that functions have returned for items, so that no value is computed twice;
 * its work is done outside the scheduler's loop and can neither delay a job for long nor make it
 * fail. May use {@code worker}, {@code store} and the domain packages ({@code job}, {@code json},
 * {@code combine}, {@code support}), but no framework. Start with {@link dev.manyhands.memo.Memo}.
 */
@NullMarked
package dev.manyhands.memo;

import org.jspecify.annotations.NullMarked;
