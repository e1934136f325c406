/**
 * Puts the parts together and reads the settings. May use every package of the service except
 * {@code harness} and {@code sdk}, and no package but the main class uses this one. Start with
 * {@link dev.manyhands.config.ServiceConfiguration} and {@link
 * dev.manyhands.config.ManyhandsProperties}.
 */
@NullMarked
package dev.manyhands.config;

import org.jspecify.annotations.NullMarked;
