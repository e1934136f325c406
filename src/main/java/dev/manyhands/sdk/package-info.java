/**
 * Contains the types that authors of Java functions compile against: implement {@link
 * dev.manyhands.sdk.ItemFunction}, put the class into a jar, and register the jar. May use nothing
 * but the JDK. Start with {@link dev.manyhands.sdk.ItemFunction} and {@link
 * dev.manyhands.sdk.Context}.
 */
@NullMarked
package dev.manyhands.sdk;

import org.jspecify.annotations.NullMarked;
