package dev.manyhands.function;

/**
 * Limits of a bundle. Limits of the unpacked content are counted during unpacking, because the
 * sizes in a zip may be false.
 *
 * @param maxBytes of the file
 * @param maxUnpackedBytes of the whole content of a zip
 * @param maxEntries files and directories in a zip or jar
 */
public record BundleLimits(long maxBytes, long maxUnpackedBytes, int maxEntries) {}
