/**
 * What authors of Java functions compile against: implement {@link dev.manyhands.sdk.ItemFunction},
 * put the class into a jar, register the jar. No dependencies.
 */
@NullMarked
package dev.manyhands.sdk;

import org.jspecify.annotations.NullMarked;
