/**
 * Small things that the JDK lacks and more than one package needs. Depends on nothing but the JDK.
 */
@NullMarked
package dev.manyhands.support;

import org.jspecify.annotations.NullMarked;
