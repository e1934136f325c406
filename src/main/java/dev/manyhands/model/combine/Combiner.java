package dev.manyhands.model.combine;

import java.nio.charset.StandardCharsets;

/**
 * An associative and commutative reduction of the results of items. The outcome therefore does not
 * depend on how the items were cut into chunks. Workers add results and send a <em>partial</em>;
 * the service merges partials. A partial is a JSON array whose first element is the number of
 * results in it: docs/reference/worker-protocol.md.
 *
 * <p>Owned by one thread at a time.
 */
public abstract sealed class Combiner permits Counter, Sum, Extreme, Quantifier {
  private static final int EXCERPT = 100;

  /** Number of results in this combiner. */
  private long count;

  /**
   * Returns an empty combiner.
   *
   * @param reduction {@code sum}, {@code mean}, {@code min}, {@code max}, {@code count}, {@code
   *     any}, {@code all} or {@code find}
   */
  public static Combiner of(String reduction) {
    return switch (reduction) {
      case "sum" -> new Sum(false);
      case "mean" -> new Sum(true);
      case "min" -> new Extreme(-1);
      case "max" -> new Extreme(1);
      case "count" -> new Counter();
      case "any" -> new Quantifier(Quantifier.Kind.ANY);
      case "all" -> new Quantifier(Quantifier.Kind.ALL);
      case "find" -> new Quantifier(Quantifier.Kind.FIND);
      default -> throw new IllegalArgumentException("there is no reduction " + reduction);
    };
  }

  /**
   * Adds the result of one item.
   *
   * @param json holds the result as one valid JSON value in [from, to), without white space around
   *     it
   * @throws NotCombinableException if this reduction cannot use the result; the combiner is
   *     unchanged then
   */
  public final void add(long index, byte[] json, int from, int to) throws NotCombinableException {
    take(index, json, from, to);
    count++;
  }

  /**
   * Adds the results of another combiner with an equal reduction. The partial of items that failed
   * is {@code null}, and adds nothing.
   *
   * @throws IllegalArgumentException if the bytes are no partial of this reduction
   */
  public final void merge(byte[] partial) {
    String text = new String(partial, StandardCharsets.UTF_8).strip();
    if (text.equals("null")) {
      return;
    }
    if (text.length() < 3 || text.charAt(0) != '[' || !text.endsWith("]")) {
      throw new IllegalArgumentException("not a partial: " + excerpt(text));
    }
    String inner = text.substring(1, text.length() - 1);
    int comma = inner.indexOf(',');
    long more = Long.parseLong((comma < 0 ? inner : inner.substring(0, comma)).strip());
    if (more < 0) {
      throw new IllegalArgumentException("a partial of " + more + " results");
    }
    if (more > 0) {
      takePartial(comma < 0 ? "" : inner.substring(comma + 1).strip());
      count += more;
    }
  }

  /** Returns all results so far in a form that another combiner can merge. */
  public final byte[] partial() {
    String rest = count == 0 ? "" : rest();
    return ("[" + count + (rest.isEmpty() ? "" : "," + rest) + "]")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the number of results. */
  public final long count() {
    return count;
  }

  /** Returns the beginning of a text for messages. A partial may be as long as a frame. */
  static String excerpt(String text) {
    return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + "…";
  }

  abstract void take(long index, byte[] json, int from, int to) throws NotCombinableException;

  /** Returns the elements after the count, for a partial that is not empty. */
  abstract String rest();

  abstract void takePartial(String rest);

  /**
   * Returns the reduction as JSON; {@code null} if the reduction of no results is undefined.
   *
   * @throws BeyondDoublesException if the reduction is no integer and too large for a double
   */
  public abstract String result();
}
