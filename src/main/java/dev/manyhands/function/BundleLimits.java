package dev.manyhands.function;

/**
 * Caps on a bundle. Those on what is unpacked are counted while it comes out: what a zip says of
 * its sizes may be a lie.
 *
 * @param maxBytes of the file
 * @param maxUnpackedBytes of all that is in a zip
 * @param maxEntries files and directories in a zip or jar
 */
public record BundleLimits(long maxBytes, long maxUnpackedBytes, int maxEntries) {}
