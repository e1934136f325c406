/**
 * Serves the Python client: a wheel that pip installs, and a page with the lines to paste. Both are
 * public code and open to all. May use the rooms below {@code http}. Start with {@link
 * dev.manyhands.http.client.ClientController}.
 */
@NullMarked
package dev.manyhands.http.client;

import org.jspecify.annotations.NullMarked;
