/**
 * Values that functions have returned for items, so that the same is not computed again. {@link
 * dev.manyhands.memo.Memo} is asked before items run and told when they have run; all of it goes on
 * outside the scheduler's loop, and none of it can hold a job up for long or make it fail.
 */
@NullMarked
package dev.manyhands.memo;

import org.jspecify.annotations.NullMarked;
