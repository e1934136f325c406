/**
 * Publishes metrics, health checks and spans; labels have few values, and never contain a job or
 * text of a user. May use every room below it, Micrometer, Spring and OpenTelemetry; no room below
 * knows this one, because it implements their listeners. Start with {@link
 * dev.manyhands.telemetry.JobMetrics}, {@link dev.manyhands.telemetry.ServiceMetrics} and {@link
 * dev.manyhands.telemetry.JobTraces}.
 */
@NullMarked
package dev.manyhands.telemetry;

import org.jspecify.annotations.NullMarked;
