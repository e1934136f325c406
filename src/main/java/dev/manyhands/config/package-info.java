/**
 * Puts the parts together and reads the settings. May use every package of the service except
 * {@code comparison}, {@code harness} and {@code sdk}; only the main class may use this package.
 * Start with {@link dev.manyhands.config.ServiceConfiguration} and {@link
 * dev.manyhands.config.ManyhandsProperties}.
 */
@NullMarked
package dev.manyhands.config;

import org.jspecify.annotations.NullMarked;
