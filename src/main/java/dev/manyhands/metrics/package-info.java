/**
 * Publishes metrics for Prometheus and health checks; labels have few values, and never contain a
 * job or text of a user. May use {@code scheduler}, {@code memo}, {@code worker}, {@code store},
 * the domain packages ({@code job}, {@code json}, {@code combine}, {@code support}), Micrometer and
 * Spring. Start with {@link dev.manyhands.metrics.JobMetrics}, {@link
 * dev.manyhands.metrics.ServiceMetrics} and {@link dev.manyhands.metrics.WorkerMetrics}.
 */
@NullMarked
package dev.manyhands.metrics;

import org.jspecify.annotations.NullMarked;
