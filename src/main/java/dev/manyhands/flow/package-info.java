/**
 * Jobs that wait for other jobs or for a time, jobs that take their inputs from others' results,
 * and jobs that are forgotten in time.
 */
@NullMarked
package dev.manyhands.flow;

import org.jspecify.annotations.NullMarked;
