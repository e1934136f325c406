/**
 * Finds functions by name, built-in and registered ones, and receives, checks and lays out their
 * bundles. May use {@code store}, {@code model} and {@code support}, but no framework. Start with
 * {@link dev.manyhands.function.Functions}, {@link dev.manyhands.function.Bundles} and {@link
 * dev.manyhands.function.BundleCache}.
 */
@NullMarked
package dev.manyhands.function;

import org.jspecify.annotations.NullMarked;
