package dev.manyhands.model.json;

/**
 * Limits of JSON text. Each limit protects the code that parses the value later: the depth protects
 * recursive parsers, the length protects number parsers (quadratic in the digits), and the size
 * protects memory.
 *
 * @param maxDepth arrays and objects inside each other
 * @param maxNumberLength characters of one number
 * @param maxValueBytes bytes of one top-level value
 */
public record JsonLimits(int maxDepth, int maxNumberLength, int maxValueBytes) {
  public static final JsonLimits DEFAULT = new JsonLimits(100, 1_000, 16 << 20);

  /**
   * Limits for values from the store. They were checked before they were stored, under the limits
   * of that time.
   */
  public static final JsonLimits STORED =
      new JsonLimits(10_000, Integer.MAX_VALUE, Integer.MAX_VALUE);
}
