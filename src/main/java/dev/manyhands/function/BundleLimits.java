package dev.manyhands.function;

/**
 * Limits of a bundle; a bundle beyond one of them is refused. The limits of the unpacked content
 * are counted during unpacking, because the sizes in a zip may be false.
 *
 * @param maxBytes limit for the uploaded file
 * @param maxUnpackedBytes limit for the whole content of a zip
 * @param maxEntries limit for the files and directories together, in a zip or jar
 */
public record BundleLimits(long maxBytes, long maxUnpackedBytes, int maxEntries) {}
