/**
 * The console, a page in the browser: its files and the headers that guard them. The page uses the
 * API as any client does, so this room needs no other room of {@code http}. May use {@code support}
 * and Spring.
 *
 * <p>Start at {@code ConsoleController}; the pages are in {@code src/main/resources/console}.
 */
@NullMarked
package dev.manyhands.http.console;

import org.jspecify.annotations.NullMarked;
