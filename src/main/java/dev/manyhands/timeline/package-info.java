/**
 * Where a job's time went: its chunk reports as a timeline, as a picture, as a trace, and as a
 * report in numbers and words. Reads the store, decides nothing, and holds no more for a large job
 * than for a small one.
 */
@NullMarked
package dev.manyhands.timeline;

import org.jspecify.annotations.NullMarked;
