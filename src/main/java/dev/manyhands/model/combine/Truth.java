package dev.manyhands.model.combine;

/**
 * Decides which results are truthy. As in Python, all results are truthy except {@code null},
 * {@code false}, zero and empty ones.
 */
public final class Truth {
  private Truth() {}

  /**
   * @param json holds one valid JSON value in [from, to), without white space around
   */
  public static boolean isTruthy(byte[] json, int from, int to) {
    return switch (json[from]) {
      case 'n', 'f' -> false;
      case 't' -> true;
      case '"' -> to - from > 2;
      case '[', '{' -> !isBlank(json, from + 1, to - 1);
      default -> isNotZero(json, from, to);
    };
  }

  private static boolean isBlank(byte[] json, int from, int to) {
    for (int i = from; i < to; i++) {
      if (json[i] > ' ') {
        return false;
      }
    }
    return true;
  }

  private static boolean isNotZero(byte[] json, int from, int to) {
    for (int i = from; i < to && json[i] != 'e' && json[i] != 'E'; i++) {
      if (json[i] >= '1' && json[i] <= '9') {
        return true;
      }
    }
    return false;
  }
}
