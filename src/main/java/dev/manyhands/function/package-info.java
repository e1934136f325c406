/**
 * Finds functions by name, built-in and registered ones, and receives, checks and lays out their
 * bundles. May use {@code store} and the packages below it, and no framework; it uses {@code job},
 * {@code store} and {@code support}. Start with {@link dev.manyhands.function.Functions}, {@link
 * dev.manyhands.function.Bundles} and {@link dev.manyhands.function.BundleCache}.
 */
@NullMarked
package dev.manyhands.function;

import org.jspecify.annotations.NullMarked;
