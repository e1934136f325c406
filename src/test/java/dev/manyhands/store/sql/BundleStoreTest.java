package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.BundleStore;
import dev.manyhands.store.JobStore;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Bundles are stored as long as a job or a function needs them. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class BundleStoreTest {
  private static final Bundle BUNDLE = new Bundle(Bundle.Kind.ZIP, "d1", 3, 1, "f.zip");
  private static final Function FUNCTION =
      new Function("f", "sha256:1", new FunctionDefinition.Python("", "m:f", BUNDLE));

  private final TestDatabase database;
  private SqlStores stores;
  private BundleStore bundles;

  BundleStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    bundles = stores.bundles();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  @Test
  void theBytesComeBackWhateverTheirNumber() throws IOException {
    for (int length : new int[] {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20}) {
      byte[] bytes = new byte[length];
      new Random(length).nextBytes(bytes);
      bundles.put("d" + length, new ByteArrayInputStream(bytes));
      try (var stored = bundles.open("d" + length)) {
        assertThat(stored.readAllBytes()).isEqualTo(bytes);
      }
    }
    assertThatThrownBy(() -> bundles.open("other")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void theSameAgainChangesNothing() throws IOException {
    put();
    bundles.put("d1", InputStream.nullInputStream());
    assertThat(bundles.open("d1").readAllBytes()).hasSize(3);
  }

  @Test
  void itStaysAsLongAsAFunctionNeedsIt() throws IOException {
    put();
    register();
    assertThat(bundles.removeUnneeded()).isEmpty();
    reopen();
    assertThat(bundles.removeUnneeded()).isEmpty();
    assertThat(stores.functions().find("f").orElseThrow().function()).isEqualTo(FUNCTION);

    stores.functions().delete("f").join();
    assertThat(bundles.removeUnneeded()).containsExactly("d1");
    assertThat(bundles.removeUnneeded()).isEmpty();
    assertThatThrownBy(() -> bundles.open("d1")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void itStaysAsLongAsAJobNeedsIt() throws IOException {
    put();
    register();
    Job job = job();
    stores.jobs().submit(job, null, null).join();
    stores.functions().delete("f").join();
    assertThat(bundles.removeUnneeded()).isEmpty();
    reopen();
    assertThat(bundles.removeUnneeded()).isEmpty();
    assertThat(stores.jobs().find(job.id()).orElseThrow().spec().function()).isEqualTo(FUNCTION);

    end(job);
    assertThat(bundles.removeUnneeded()).as("it may be run again").isEmpty();
    stores.jobs().delete(job.id()).join();
    assertThat(bundles.removeUnneeded()).containsExactly("d1");
  }

  @Test
  void nothingIsAcceptedThatNeedsABundleThatIsGone() {
    assertThatThrownBy(this::register)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(Refusal.class);
    assertThat(stores.functions().find("f")).isEmpty();

    Job job = job();
    assertThatThrownBy(() -> stores.jobs().submit(job, null, null).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("upload it again");
    assertThat(stores.jobs().find(job.id())).isEmpty();
  }

  @Test
  void anUploadThatWasCutShortLeavesNothing() {
    byte[] bytes = new byte[2 << 20];
    var cut =
        new InputStream() {
          private int at;

          @Override
          public int read() throws IOException {
            if (at == bytes.length) {
              throw new IOException("cut");
            }
            return bytes[at++];
          }
        };
    assertThatThrownBy(() -> bundles.put("d9", cut)).hasMessage("cut");
    assertThatThrownBy(() -> bundles.open("d9")).isInstanceOf(FileNotFoundException.class);
    reopen();
    assertThat(bundles.removeUnneeded()).containsExactly("d9");
  }

  @Test
  void aLargeOneIsRemovedInSlices() throws IOException {
    bundles.put("large", new ByteArrayInputStream(new byte[66 << 20]));
    assertThat(bundles.removeUnneeded()).containsExactly("large");
    assertThat(bundles.removeUnneeded()).isEmpty();
  }

  private void put() throws IOException {
    bundles.put("d1", new ByteArrayInputStream(new byte[] {1, 2, 3}));
  }

  private void register() {
    stores.functions().register(FUNCTION, TestClock.START).join();
  }

  private void reopen() {
    stores.close();
    open();
  }

  private static Job job() {
    return new TestJobs().job(FUNCTION, 3, Map.of());
  }

  private void end(Job job) {
    var end = TestJobs.ended(JobState.SUCCEEDED, 3, 3);
    assertThat(stores.jobs().finish(job.id(), JobStore.FIRST_VERSION, end).join()).isPresent();
  }
}
