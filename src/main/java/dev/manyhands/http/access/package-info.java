/**
 * Decides which requests are accepted: the bind rule, bearer tokens, and the check against requests
 * that a web page smuggles in. May use {@code http}, {@code support}, servlets and Spring. Start
 * with {@link dev.manyhands.http.access.AccessFilter} and {@link
 * dev.manyhands.http.access.BindRule}.
 */
@NullMarked
package dev.manyhands.http.access;

import org.jspecify.annotations.NullMarked;
