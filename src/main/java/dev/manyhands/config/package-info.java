/** Puts the parts together and reads the settings. Nothing else knows how the others are made. */
@NullMarked
package dev.manyhands.config;

import org.jspecify.annotations.NullMarked;
