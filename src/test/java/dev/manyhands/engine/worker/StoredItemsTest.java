package dev.manyhands.engine.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobStore;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The segments that are kept in memory. */
class StoredItemsTest {
  private static final JobId ID = new JobId(new UUID(1, 2));

  @Test
  void smallSegmentsAreReadOnce() {
    assertThat(segmentsReadFor(1_000, 0, 1, 2, 0, 1, 2)).containsExactly(0L, 1L, 2L);
  }

  @Test
  void largeSegmentsAreNotKeptBesideOthers() {
    assertThat(segmentsReadFor(9 << 20, 0, 0, 1, 1, 0)).containsExactly(0L, 1L, 0L);
  }

  /** Reads items, each of which is a segment; returns the segments that the store was asked for. */
  private static List<Long> segmentsReadFor(int bytes, long... items) {
    var asked = new ArrayList<Long>();
    var store =
        (JobStore)
            Proxy.newProxyInstance(
                JobStore.class.getClassLoader(),
                new Class<?>[] {JobStore.class},
                (proxy, method, arguments) -> {
                  long index = (Long) arguments[1];
                  asked.add(index);
                  return new InputSegment(
                      ItemRange.ofCount(index, 1), "1".repeat(bytes).getBytes(US_ASCII));
                });
    var source = new StoredItems(store);
    var function = new Function("f", "sha256:0badc0de", new Python("def f(x): return x", "f"));
    var spec = JobSpec.of(function, new Inputs.Listed(3));
    var job = new Job(ID, spec, Instant.EPOCH, JobStatus.queued(3));
    for (long item : items) {
      assertThat(source.read(job, ItemRange.ofCount(item, 1), 1).joined()).hasSize(bytes);
    }
    return asked;
  }
}
