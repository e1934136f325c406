/**
 * Notifies receivers that jobs have ended: one signed message for each job (Standard Webhooks
 * 1.0.0), stored durably and sent until a receiver accepts it or the attempts run out. May use
 * {@code store}, the domain packages ({@code job}, {@code json}, {@code combine}, {@code support})
 * and Apache's HTTP client, but no framework. Start with {@link dev.manyhands.callback.Callbacks}
 * and {@link dev.manyhands.callback.Courier}.
 */
@NullMarked
package dev.manyhands.callback;

import org.jspecify.annotations.NullMarked;
