package dev.manyhands.model.combine;

/**
 * Finds the least or the greatest number. Among equal numbers, the number of the item with the
 * lowest index counts. A partial has the item's index and the number after the count.
 */
final class Extreme extends Combiner {
  private final int wanted;
  private long bestIndex = -1;
  private JsonNumber best = new JsonNumber("null", false, 0);

  /**
   * @param wanted the sign of the comparison of a better number with the best one so far
   */
  Extreme(int wanted) {
    this.wanted = wanted;
  }

  @Override
  void take(long index, byte[] json, int from, int to) throws NotCombinableException {
    offer(index, JsonNumber.of(json, from, to));
  }

  private void offer(long index, JsonNumber number) {
    int sign = bestIndex < 0 ? wanted : Integer.signum(number.compare(best));
    if (sign == wanted || (sign == 0 && index < bestIndex)) {
      best = number;
      bestIndex = index;
    }
  }

  @Override
  String rest() {
    return bestIndex + "," + best.text();
  }

  @Override
  void takePartial(String rest) {
    try {
      int comma = rest.indexOf(',');
      offer(
          Long.parseLong(rest.substring(0, comma).strip()),
          JsonNumber.of(rest.substring(comma + 1).strip()));
    } catch (NotCombinableException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "not the partial of a minimum or maximum: " + excerpt(rest), e);
    }
  }

  @Override
  public String result() {
    return best.text();
  }
}
