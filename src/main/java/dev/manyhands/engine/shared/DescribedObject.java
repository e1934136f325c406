package dev.manyhands.engine.shared;

import org.jspecify.annotations.Nullable;

/**
 * A shared object as a worker gets to know it.
 *
 * @param kind the word of the kind
 * @param form {@code bool}, {@code integer} or {@code number} for a value; null for all else
 * @param word its first word in the page; null for an object without a page
 * @param size how many elements a queue holds at most; null for no limit of its own
 */
public record DescribedObject(
    String name, String kind, @Nullable String form, @Nullable Integer word, @Nullable Long size) {}
