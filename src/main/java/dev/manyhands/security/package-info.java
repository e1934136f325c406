/**
 * Decides which requests are accepted: the bind rule, bearer tokens, and the check against requests
 * that a web page smuggles in. May use {@code tracing}, the domain packages ({@code job}, {@code
 * json}, {@code combine}, {@code support}), servlets and Spring. Start with {@link
 * dev.manyhands.security.AccessFilter} and {@link dev.manyhands.security.BindRule}.
 */
@NullMarked
package dev.manyhands.security;

import org.jspecify.annotations.NullMarked;
