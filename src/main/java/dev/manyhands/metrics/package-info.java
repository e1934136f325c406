/**
 * What the service tells Prometheus and health checks. Labels are few and bounded: never a job,
 * never a user's word.
 */
@NullMarked
package dev.manyhands.metrics;

import org.jspecify.annotations.NullMarked;
