package dev.manyhands.model.combine;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Sum and mean. Integers are summed exactly. The exact sum of doubles is kept and rounded once, at
 * the end, so the order of addition does not matter. Python's {@code math.fsum} does this for a
 * list, after Shewchuk 1997. A partial has the sum of the integers after the count, and then
 * doubles with the exact sum of all doubles.
 */
final class Sum extends Combiner {
  /**
   * Digits of a mean before it is rounded to a double. A sum of doubles is a multiple of 2^-1074
   * and below about 2^1090. Its quotient is therefore either exactly half-way between two doubles,
   * or further from the middle than 10^-680 of the quotient. Rounding twice does no harm.
   */
  private static final MathContext QUOTIENT = new MathContext(700);

  /**
   * The limit of a small sum. A sum below the limit plus a number of {@link #SMALL_DIGITS} digits
   * fits in a {@code long}.
   */
  private static final long MOST_SMALL = 1L << 62;

  private static final int SMALL_DIGITS = 17;

  /**
   * Limit for the digits of an integer. A longer result is not combined, and its item fails. An
   * operation on this many digits takes about a second. An operation on 16 million digits, which a
   * result may have, would take minutes.
   */
  static final int MOST_DIGITS = 1_000_000;

  /**
   * The most digits by which a sum is longer than its longest integer, for any possible number of
   * items.
   */
  private static final int CARRIED_DIGITS = 20;

  /**
   * The most bits that the sum of the integers may have if the result is a double. A larger sum is
   * beyond all doubles, even after any number of doubles was added and the sum was divided by any
   * number of results.
   */
  private static final int MOST_BITS_OF_A_DOUBLE = 2_200;

  private final boolean mean;
  private BigInteger integers = BigInteger.ZERO;
  private long smallIntegers;
  private BigDecimal doubles = BigDecimal.ZERO;
  private boolean anyDouble;

  Sum(boolean mean) {
    this.mean = mean;
  }

  @Override
  void take(long index, byte[] json, int from, int to) throws NotCombinableException {
    int first = json[from] == '-' ? from + 1 : from;
    if (isSmallInteger(json, first, to) && Math.abs(smallIntegers) < MOST_SMALL) {
      long value = 0;
      for (int i = first; i < to; i++) {
        value = value * 10 + (json[i] - '0');
      }
      smallIntegers += first > from ? -value : value;
    } else {
      add(JsonNumber.of(json, from, to), MOST_DIGITS);
    }
  }

  /**
   * Whether the bytes are an integer of at most {@link #SMALL_DIGITS} digits. Most results of a sum
   * are, and need no object for numbers of any size.
   */
  private static boolean isSmallInteger(byte[] json, int first, int to) {
    if (to - first > SMALL_DIGITS) {
      return false;
    }
    for (int i = first; i < to; i++) {
      if (json[i] < '0' || json[i] > '9') {
        return false;
      }
    }
    return true;
  }

  private void add(JsonNumber number, int mostDigits) throws NotCombinableException {
    if (!number.isInteger()) {
      anyDouble = true;
      doubles = doubles.add(new BigDecimal(number.floating()));
      return;
    }
    if (number.digits() > mostDigits) {
      throw new NotCombinableException(
          "this reduction takes integers of at most " + MOST_DIGITS + " digits");
    }
    BigInteger integer = number.integer();
    if (integer.bitLength() < 48 && Math.abs(smallIntegers) < MOST_SMALL) {
      smallIntegers += integer.longValue();
    } else {
      integers = integers.add(integer);
    }
  }

  private BigInteger integerSum() {
    return integers.add(BigInteger.valueOf(smallIntegers));
  }

  @Override
  String rest() {
    var rest = new StringBuilder(integerSum().toString());
    if (anyDouble) {
      BigDecimal left = doubles;
      do {
        double part = left.doubleValue();
        if (Double.isInfinite(part)) {
          part = Math.copySign(Double.MAX_VALUE, part);
        }
        rest.append(',').append(part);
        left = left.subtract(new BigDecimal(part));
      } while (left.signum() != 0);
    }
    return rest.toString();
  }

  @Override
  void takePartial(String rest) {
    try {
      for (String part : rest.split(",", -1)) {
        add(JsonNumber.of(part.strip()), MOST_DIGITS + CARRIED_DIGITS);
      }
    } catch (NotCombinableException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not the partial of a sum: " + excerpt(rest), e);
    }
  }

  @Override
  public String result() {
    if (mean && count() == 0) {
      return "null";
    }
    BigInteger integerSum = integerSum();
    if (!mean && !anyDouble) {
      return integerSum.toString();
    }
    if (integerSum.bitLength() > MOST_BITS_OF_A_DOUBLE) {
      throw beyondDoubles();
    }
    BigDecimal sum = doubles.add(new BigDecimal(integerSum));
    return json(
        mean ? sum.divide(BigDecimal.valueOf(count()), QUOTIENT).doubleValue() : sum.doubleValue());
  }

  /** Formats a double. JSON has no infinity, and {@code null} would be mistaken for a result. */
  private String json(double value) {
    if (Double.isInfinite(value)) {
      throw beyondDoubles();
    }
    return Double.toString(value);
  }

  private BeyondDoublesException beyondDoubles() {
    String mend = mean ? "" : "; a sum of integers alone may be of any size";
    return new BeyondDoublesException(
        "the "
            + (mean ? "mean" : "sum")
            + " of the results is beyond the doubles, which end at about 1.8e308: return smaller"
            + " numbers, or logarithms"
            + mend);
  }
}
