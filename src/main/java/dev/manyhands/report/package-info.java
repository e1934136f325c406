/**
 * Shows where a job's time went, as a timeline, a picture, a trace and a report with advice; it
 * holds no more memory for a large job than for a small one. May use {@code store}, {@code model}
 * and {@code support}. Start with {@link dev.manyhands.report.Timeline}, {@link
 * dev.manyhands.report.JobReport} and {@link dev.manyhands.report.Advice}.
 */
@NullMarked
package dev.manyhands.report;

import org.jspecify.annotations.NullMarked;
