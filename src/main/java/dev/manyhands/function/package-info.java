/** Functions by name: the built-in ones, the registered ones, and what identifies each. */
@NullMarked
package dev.manyhands.function;

import org.jspecify.annotations.NullMarked;
