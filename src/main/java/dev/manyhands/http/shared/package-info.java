/**
 * Serves the objects that the items of a job share. May use {@code http} and the rooms below {@code
 * http}. Start with {@link dev.manyhands.http.shared.SharedController}.
 */
@NullMarked
package dev.manyhands.http.shared;

import org.jspecify.annotations.NullMarked;
