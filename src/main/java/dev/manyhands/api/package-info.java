/**
 * The service over HTTP: controllers, request and response records, problems, streaming. Talks to
 * the scheduler and the store, never to workers.
 */
@NullMarked
package dev.manyhands.api;

import org.jspecify.annotations.NullMarked;
