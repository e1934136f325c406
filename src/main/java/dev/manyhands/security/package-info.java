/**
 * Who may come in: the bind rule, bearer tokens, and the check against requests that a web page
 * smuggles in.
 */
@NullMarked
package dev.manyhands.security;

import org.jspecify.annotations.NullMarked;
