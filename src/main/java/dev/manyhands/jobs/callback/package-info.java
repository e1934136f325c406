/**
 * Notifies receivers that jobs have ended: one signed message for each job (Standard Webhooks
 * 1.0.0), stored durably and sent until a receiver accepts it or the attempts run out. May use
 * {@code store}, {@code model}, {@code support} and Apache's HTTP client, but no framework. Start
 * with {@link dev.manyhands.jobs.callback.Callbacks} and {@link
 * dev.manyhands.jobs.callback.Courier}.
 */
@NullMarked
package dev.manyhands.jobs.callback;

import org.jspecify.annotations.NullMarked;
