package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Open inputs take items from the one source that owns them. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class InputsOwnerTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;

  InputsOwnerTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    store = database.open(new TestClock()).jobs();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private Job submitted(Inputs inputs) {
    JobSpec spec = JobSpec.of(TestJobs.GCD, inputs);
    var job = new Job(jobs.nextId(), spec, TestClock.START, JobStatus.queued(0, true));
    store.submit(job, null, null).join();
    return job;
  }

  private void assertOnly(InputsOwner owner, Inputs inputs) {
    Job job = submitted(inputs);
    var others = Arrays.stream(InputsOwner.values()).filter(other -> other != owner).toList();
    for (InputsOwner other : others) {
      assertThat(store.append(job.id(), other, TestJobs.values(0, 2), 2).join()).isEmpty();
      assertThat(store.closeInputs(job.id(), other).join()).isEmpty();
    }
    assertThat(store.find(job.id())).contains(job);
    assertThat(store.append(job.id(), owner, TestJobs.values(0, 2), 2).join())
        .contains(new ItemRange(0, 2));
    for (InputsOwner other : others) {
      assertThat(store.closeInputs(job.id(), other).join()).isEmpty();
    }
    assertThat(store.closeInputs(job.id(), owner).join()).isEqualTo(Optional.of(2L));
    assertThat(store.append(job.id(), owner, TestJobs.values(2, 3), 1).join()).isEmpty();
    assertThat(store.closeInputs(job.id(), owner).join()).isEmpty();
  }

  @Test
  void clientsAddToWhatWasSubmittedForThem() {
    assertOnly(InputsOwner.CLIENT, new Inputs.Open(false));
  }

  @Test
  void itemsThatWereAcceptedJustBeforeTheEndAreAmongTheSkipped() {
    Job job = submitted(new Inputs.Open(false));
    store.append(job.id(), InputsOwner.CLIENT, TestJobs.values(0, 5), 5).join();

    JobStatus decided = TestJobs.ended(JobState.CANCELLED, 1, 3);
    JobStatus stored = store.finish(job.id(), JobStore.FIRST_VERSION, decided).join().orElseThrow();

    assertThat(stored.tally()).isEqualTo(decided.tally().plusSkipped(2));
    assertThat(stored.tally().total()).isEqualTo(5);
    assertThat(stored.tally().skipped()).isEqualTo(4);
    assertThat(store.find(job.id()).orElseThrow().status()).isEqualTo(stored);
  }

  @Test
  void anUploadIsItsOwnRequests() {
    assertOnly(InputsOwner.UPLOAD, new Inputs.Open(true));
  }

  @Test
  void resultsComeFromTheServiceAlone() {
    assertOnly(InputsOwner.FEED, new Inputs.Results(new JobId(new UUID(1, 2))));
    Job job = submitted(new Inputs.Results(new JobId(new UUID(1, 2))));
    assertThat(store.feed(job.id(), TestJobs.values(0, 2), 2).join()).contains(new ItemRange(0, 2));
  }

  @Test
  void whatIsListedTakesNothing() {
    Job job = submitted(new Inputs.Listed(0));
    for (InputsOwner owner : InputsOwner.values()) {
      assertThat(store.append(job.id(), owner, TestJobs.values(0, 2), 2).join()).isEmpty();
    }
  }
}
