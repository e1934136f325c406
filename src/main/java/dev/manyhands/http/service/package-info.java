/**
 * Serves what concerns the whole service: workers, limits and the contract of the API. May use
 * {@code http}, the limits of other nouns and the rooms below {@code http}. Start with {@link
 * dev.manyhands.http.service.ServiceController} and {@link dev.manyhands.http.service.Contract}.
 */
@NullMarked
package dev.manyhands.http.service;

import org.jspecify.annotations.NullMarked;
