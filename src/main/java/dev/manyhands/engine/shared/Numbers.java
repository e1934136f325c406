package dev.manyhands.engine.shared;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Adds numbers that are JSON text. */
final class Numbers {
  /** Numbers with more characters are not added, because that takes long. */
  private static final int MOST_CHARACTERS = 1_000;

  private Numbers() {}

  /**
   * Returns the sum. It is exact if both are integers, and a double otherwise.
   *
   * @throws SharedFault if one of them is no number, or the sum has no JSON form
   */
  static byte[] sum(byte[] left, byte[] right) {
    String a = number(left);
    String b = number(right);
    String sum;
    if (isInteger(a) && isInteger(b)) {
      sum = sumOfIntegers(a, b);
    } else {
      double added = Double.parseDouble(a) + Double.parseDouble(b);
      if (!Double.isFinite(added)) {
        throw SharedFault.type("the sum is beyond the largest number of 64 bits");
      }
      sum = Double.toString(added);
    }
    if (sum.length() > MOST_CHARACTERS) {
      throw SharedFault.full("a number that is added up may have at most 1,000 characters");
    }
    return sum.getBytes(StandardCharsets.US_ASCII);
  }

  private static String sumOfIntegers(String a, String b) {
    if (a.length() < 18 && b.length() < 18) {
      return Long.toString(Long.parseLong(a) + Long.parseLong(b));
    }
    return new BigInteger(a).add(new BigInteger(b)).toString();
  }

  private static String number(byte[] json) {
    int first = json[0];
    if (first != '-' && (first < '0' || first > '9')) {
      throw SharedFault.type("only numbers can be added");
    }
    if (json.length > MOST_CHARACTERS) {
      throw SharedFault.full("a number that is added up may have at most 1,000 characters");
    }
    return new String(json, StandardCharsets.US_ASCII);
  }

  private static boolean isInteger(String number) {
    return number.indexOf('.') < 0 && number.indexOf('e') < 0 && number.indexOf('E') < 0;
  }
}
