package dev.manyhands.model.comparison;

/**
 * One way to run the job.
 *
 * @param name for people; no other variant of the comparison has it
 * @param workers worker processes that the variant may use at once, at most the number of slots
 * @param threads items that each worker runs at once
 * @param options a JSON object: the fields in which its jobs differ from those of other variants
 */
public record Variant(String name, int workers, int threads, String options) {

  /** Returns the items that run at once, which is also the speedup of a perfect program. */
  public int width() {
    return workers * threads;
  }
}
