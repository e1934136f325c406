package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.scheduler.JobBoard.Room;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How much the jobs on the board may hold together. */
class JobBoardRoomTest {
  private final JobBoard board = new JobBoard();
  private long jobs;

  private Job job(Function function) {
    var id = new JobId(new UUID(0, ++jobs));
    var spec = JobSpec.of(function, new Inputs.Listed(1));
    return new Job(id, spec, Instant.EPOCH, JobStatus.queued(1));
  }

  private static Function code(int bytes) {
    return new Function("f", "sha256:1", new Python("x".repeat(bytes - 1), "f"));
  }

  private Room add(Job job) {
    return board.addWithin(10, 100, job);
  }

  @Test
  void codeHasRoomUpToTheBoundAndAgainWhenAJobHasEnded() {
    Job first = job(code(60));
    assertThat(add(first)).isEqualTo(Room.ADDED);
    assertThat(add(job(code(41)))).isEqualTo(Room.TOO_LARGE);
    assertThat(add(job(code(40)))).isEqualTo(Room.ADDED);
    assertThat(board.specBytes()).isEqualTo(100);
    board.remove(first.id(), first.status());
    assertThat(board.specBytes()).isEqualTo(40);
    assertThat(add(job(code(41)))).isEqualTo(Room.ADDED);
  }

  @Test
  void jobsThatShareADefinitionShareItsBytes() {
    Function shared = code(90);
    Job first = job(shared);
    Job second = job(shared);
    assertThat(add(first)).isEqualTo(Room.ADDED);
    assertThat(add(second)).isEqualTo(Room.ADDED);
    assertThat(board.specBytes()).isEqualTo(90);
    board.remove(first.id(), first.status());
    assertThat(board.specBytes()).isEqualTo(90);
    board.remove(second.id(), second.status());
    assertThat(board.specBytes()).isZero();
  }

  @Test
  void whatIsAloneHasRoomHoweverLarge() {
    assertThat(add(job(code(1_000)))).isEqualTo(Room.ADDED);
    assertThat(add(job(code(1)))).isEqualTo(Room.TOO_LARGE);
    assertThat(board.size()).isEqualTo(1);
  }

  @Test
  void whatWasAcceptedBeforeIsNeverRefusedAndCountsOnce() {
    Job large = job(code(1_000));
    board.add(large);
    board.add(large);
    board.add(job(code(1_000)));
    assertThat(board.specBytes()).isEqualTo(2_000);
    assertThat(board.size()).isEqualTo(2);
    board.remove(large.id(), large.status());
    board.remove(large.id(), large.status());
    assertThat(board.specBytes()).isEqualTo(1_000);
  }

  @Test
  void theirNumberIsBoundedToo() {
    for (int i = 0; i < 10; i++) {
      assertThat(add(job(code(1)))).isEqualTo(Room.ADDED);
    }
    assertThat(add(job(code(1)))).isEqualTo(Room.TOO_MANY);
    assertThat(board.specBytes()).isEqualTo(10);
  }

  @Test
  void aRemovalThatAnErrorCutShortIsFinishedByTheNext() {
    Job job = job(code(60));
    assertThat(add(job)).isEqualTo(Room.ADDED);
    var told = new ArrayList<JobId>();
    board.onEnd(id -> {
      told.add(id);
      if (told.size() == 1) {
        throw new OutOfMemoryError("planned");
      }
    });
    var end = job.status().failed("internalError", SchedulerErrors.INTERNAL_ERROR);
    assertThatThrownBy(() -> board.remove(job.id(), end)).isInstanceOf(OutOfMemoryError.class);
    assertThat(board.status(job.id())).isEmpty();
    board.remove(job.id(), end);
    board.remove(job.id(), end);
    assertThat(told).containsExactly(job.id(), job.id());
    assertThat(board.size()).isZero();
    assertThat(board.specBytes()).isZero();
  }
}
