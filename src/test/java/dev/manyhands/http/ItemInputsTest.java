package dev.manyhands.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobGoneException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Inputs in pieces, within the budgets. {@code ReadBackIT} reads them from the store. */
class ItemInputsTest {
  private static final long HEAP = 16 << 20;

  /** As much as the budget for large items has in all. */
  private static final int LARGE = 1 << 20;

  private static final JobId ID = new JobId(new UUID(1, 2));
  private static final Job JOB = job();

  @Test
  void itemsAreHandedOverOneByOneAndReadInPieces() throws IOException {
    var asked = new ArrayList<Integer>();
    ItemSource source =
        (job, items, maxBytes) -> {
          asked.add(maxBytes);
          long end = Math.min(items.end(), items.first() + 2);
          return new ItemSource.Items(
              new ItemRange(items.first(), end),
              (items.first() + 1 == end ? "[%d,1]" : "[%d,1],[%d,1]")
                  .formatted(items.first(), items.first() + 1)
                  .getBytes(UTF_8));
        };
    var inputs = new ItemInputs(source, HEAP);

    var read = new ArrayList<String>();
    try (var cursor = inputs.of(JOB, new ItemRange(3, 10))) {
      for (long index : List.of(3L, 4L, 6L, 8L, 9L)) {
        cursor.read(
            index, (bytes, start, end) -> read.add(new String(bytes, start, end - start, UTF_8)));
      }
    }
    assertThat(read).containsExactly("[3,1]", "[4,1]", "[6,1]", "[8,1]", "[9,1]");
    assertThat(asked).hasSize(3).allMatch(bytes -> bytes <= 16 << 10);

    var out = new ByteArrayOutputStream();
    inputs.copy(JOB, new ItemRange(7, 10), out);
    assertThat(out.toString(UTF_8)).isEqualTo("[7,1],[8,1],[9,1]");
  }

  @Test
  void aLargeItemWaitsUntilAnotherOneIsWritten() throws Exception {
    var secondRead = new CountDownLatch(3);
    ItemSource source =
        (job, items, maxBytes) -> {
          secondRead.countDown();
          return new ItemSource.Items(ItemRange.ofCount(items.first(), 1), new byte[LARGE]);
        };
    var inputs = new ItemInputs(source, HEAP);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> second;
      try (var first = inputs.of(JOB, ItemRange.ofCount(0, 1))) {
        first.read(0, (bytes, start, end) -> {});
        second = CompletableFuture.runAsync(() -> readLarge(inputs), threads);
        assertThat(secondRead.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.isDone()).as("an item has no room beside the first").isFalse();
      }
      second.get(30, TimeUnit.SECONDS);
    }
  }

  private static void readLarge(ItemInputs inputs) {
    try (var cursor = inputs.of(JOB, ItemRange.ofCount(0, 1))) {
      cursor.read(0, (bytes, start, end) -> assertThat(bytes).hasSize(LARGE));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void inputsThatAreGoneAreNotReadAsNone() {
    ItemSource source =
        (job, items, maxBytes) -> {
          throw new JobGoneException(job.id());
        };
    var inputs = new ItemInputs(source, HEAP);

    // More often than the budgets have room for: a failed read gives its room back.
    for (int i = 0; i < 1_000; i++) {
      assertThatThrownBy(() -> inputs.copy(JOB, new ItemRange(0, 3), new ByteArrayOutputStream()))
          .isInstanceOf(JobGoneException.class);
    }
  }

  private static Job job() {
    var function = new Function("f", "sha256:0badc0de", new Python("def f(x): return x", "f"));
    var spec = JobSpec.of(function, new Inputs.Listed(100));
    return new Job(ID, spec, Instant.EPOCH, JobStatus.queued(100));
  }
}
