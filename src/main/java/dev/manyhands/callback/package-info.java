/**
 * Tells receivers that jobs have ended: one signed message a job (Standard Webhooks 1.0.0), sent
 * until it is taken or given up. What is to be sent is in the store; here is who sends it, when,
 * and where it may not go.
 */
@NullMarked
package dev.manyhands.callback;

import org.jspecify.annotations.NullMarked;
