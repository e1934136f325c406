package dev.manyhands.model;

/**
 * Adjacent inputs.
 *
 * @param items their indexes
 * @param bytes their JSON in order, joined by commas, as it was posted
 */
public record InputSegment(ItemRange items, byte[] bytes) {}
