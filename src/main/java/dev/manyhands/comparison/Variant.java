package dev.manyhands.comparison;

/**
 * One way to run the job.
 *
 * @param name for people; no other variant of the comparison has it
 * @param workers worker processes that it may use at once, as many as there are slots at most
 * @param threads items that each of them runs at once
 * @param options a JSON object: the fields of its jobs that differ from those of other variants
 */
public record Variant(String name, int workers, int threads, String options) {

  /** How many items it runs at once: what a perfect program would be faster by. */
  public int width() {
    return workers * threads;
  }
}
