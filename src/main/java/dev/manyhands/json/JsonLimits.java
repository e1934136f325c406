package dev.manyhands.json;

/**
 * What is too much. Each bound protects whoever parses the value later: recursive parsers from
 * depth, big-number parsers (quadratic in the digits) from length, memory from size.
 *
 * @param maxDepth arrays and objects inside each other
 * @param maxNumberLength characters of one number
 * @param maxValueBytes bytes of one top-level value
 */
public record JsonLimits(int maxDepth, int maxNumberLength, int maxValueBytes) {
  public static final JsonLimits DEFAULT = new JsonLimits(100, 1_000, 16 << 20);

  /** For what is in the store: it was checked on its way there, whatever the limits were then. */
  public static final JsonLimits STORED =
      new JsonLimits(10_000, Integer.MAX_VALUE, Integer.MAX_VALUE);
}
