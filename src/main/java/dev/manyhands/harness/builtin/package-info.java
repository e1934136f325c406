/** The functions that are always there: examples, demonstrations and loads for measuring. */
@NullMarked
package dev.manyhands.harness.builtin;

import org.jspecify.annotations.NullMarked;
