/**
 * What tells one request and its job from all others: the id of a request, in its answer and in the
 * log, and the spans of a job, for whoever collects traces.
 */
@NullMarked
package dev.manyhands.tracing;

import org.jspecify.annotations.NullMarked;
