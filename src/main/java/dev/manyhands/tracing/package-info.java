/**
 * Identifies requests and jobs: the id of each request, in its answer and in the log, and the spans
 * of each job, for collectors of traces. May use {@code scheduler}, {@code store}, the domain
 * packages ({@code job}, {@code json}, {@code combine}, {@code support}), servlets, and
 * OpenTelemetry only in {@code OtlpTraces} and its parts. Start with {@link
 * dev.manyhands.tracing.JobTraces} and {@link dev.manyhands.tracing.RequestIds}.
 */
@NullMarked
package dev.manyhands.tracing;

import org.jspecify.annotations.NullMarked;
