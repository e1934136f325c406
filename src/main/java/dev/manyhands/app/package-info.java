/**
 * Puts the parts together, reads the settings, and starts and stops everything in order. May use
 * every room of the service; only the main class uses this one. Start with {@link
 * dev.manyhands.app.ServiceConfiguration}, {@link dev.manyhands.app.HttpConfiguration} and {@link
 * dev.manyhands.app.ManyhandsProperties}.
 */
@NullMarked
package dev.manyhands.app;

import org.jspecify.annotations.NullMarked;
