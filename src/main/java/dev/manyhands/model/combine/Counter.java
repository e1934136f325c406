package dev.manyhands.model.combine;

/** Counts the results. */
final class Counter extends Combiner {
  @Override
  void take(long index, byte[] json, int from, int to) {}

  @Override
  String rest() {
    return "";
  }

  @Override
  void takePartial(String rest) {}

  @Override
  public String result() {
    return Long.toString(count());
  }
}
