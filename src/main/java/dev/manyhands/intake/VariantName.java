package dev.manyhands.intake;

import dev.manyhands.intake.ComparisonRequest.VariantRequest;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Chunking;
import java.util.ArrayList;
import java.util.Set;

/**
 * Names a variant that was given no name, for example {@code 4 workers × 2 threads}. The workers
 * are always named. A name that is taken gets a number.
 */
final class VariantName {
  private VariantName() {}

  /**
   * @param taken names of the variants before it
   */
  static String of(VariantRequest request, JobSpec checked, int slots, Set<String> taken) {
    var words = new ArrayList<String>();
    int workers = checked.workers() == null ? slots : Math.min(checked.workers(), slots);
    words.add(counted(workers, "worker"));
    if (request.threads() != null && request.threads() > 1) {
      words.set(0, words.getFirst() + " × " + counted(request.threads(), "thread"));
    }
    if (request.chunking() != null) {
      words.add(chunks(checked.chunking()));
    }
    String name = String.join(", ", words);
    String free = name;
    for (int again = 2; taken.contains(free); again++) {
      free = name + " (" + again + ")";
    }
    return free;
  }

  private static String chunks(Chunking chunking) {
    if (chunking.size() != null) {
      return "chunks of " + chunking.size();
    }
    return chunking.count() == null ? "automatic chunks" : counted(chunking.count(), "chunk");
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
