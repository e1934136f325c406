/**
 * Provides small things that the JDK lacks and that more than one package needs. May use nothing
 * but the JDK. Start with {@link dev.manyhands.support.DirectoryTree}, {@link
 * dev.manyhands.support.LockFile} and {@link dev.manyhands.support.ShortText}.
 */
@NullMarked
package dev.manyhands.support;

import org.jspecify.annotations.NullMarked;
