/**
 * Shows where a job's time went, as a timeline, a picture, a trace and a report with advice; it
 * holds no more memory for a large job than for a small one. May use {@code store} and the domain
 * packages ({@code job}, {@code json}, {@code combine}, {@code support}). Start with {@link
 * dev.manyhands.timeline.Timeline}, {@link dev.manyhands.timeline.JobReport} and {@link
 * dev.manyhands.timeline.Advice}.
 */
@NullMarked
package dev.manyhands.timeline;

import org.jspecify.annotations.NullMarked;
