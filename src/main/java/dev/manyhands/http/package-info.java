/**
 * Serves the service over HTTP: one room for each noun, and here the things that all of them need,
 * such as problems, waits and open streams. May use {@code intake}, {@code jobs}, {@code report},
 * {@code engine}, {@code function}, {@code store}, {@code model} and {@code support}, servlets,
 * Spring and Micrometer; controllers never talk to worker processes. Start with {@link
 * dev.manyhands.http.Problems} and {@link dev.manyhands.http.job.JobsController}.
 */
@NullMarked
package dev.manyhands.http;

import org.jspecify.annotations.NullMarked;
