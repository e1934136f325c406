/**
 * Combiners: what makes one result of many. Run inside Java workers and, for what comes from them
 * and from all others, in the service; so they depend on nothing but the JDK.
 */
@NullMarked
package dev.manyhands.combine;

import org.jspecify.annotations.NullMarked;
