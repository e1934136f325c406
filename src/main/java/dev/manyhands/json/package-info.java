/**
 * JSON as bytes: checked and cut into values without being parsed into objects, so that what a user
 * posted reaches the function, and what it returned reaches the user, byte for byte. Depends on
 * nothing but the JDK.
 */
@NullMarked
package dev.manyhands.json;

import org.jspecify.annotations.NullMarked;
