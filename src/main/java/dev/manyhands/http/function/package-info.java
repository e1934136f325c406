/**
 * Serves registered functions and receives their bundles. May use {@code http} and the rooms below
 * it, but no other noun. Start with {@link dev.manyhands.http.function.FunctionsController} and
 * {@link dev.manyhands.http.function.FunctionForms}.
 */
@NullMarked
package dev.manyhands.http.function;

import org.jspecify.annotations.NullMarked;
