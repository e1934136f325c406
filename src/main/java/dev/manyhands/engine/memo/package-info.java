/**
 * Remembers the values that functions have returned for items, so that no value is computed twice;
 * its work is done outside the scheduler's loop and can neither delay a job for long nor make it
 * fail. May use {@code engine.worker}, {@code ReportForm} of {@code engine.worker.protocol}, {@code
 * store} and {@code model}, but no framework. Start with {@link dev.manyhands.engine.memo.Memo} and
 * {@link dev.manyhands.engine.memo.LookUp}.
 */
@NullMarked
package dev.manyhands.engine.memo;

import org.jspecify.annotations.NullMarked;
