package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The order of changes, as readers with a position see it. */
class BoardChangesTest {
  private final BoardChanges changes = new BoardChanges();

  @Test
  void aJobThatChangesAgainIsReadOnceAtItsNewPlace() {
    var first = label();
    var second = label();
    long noted = changes.changed(first, 0);
    changes.changed(second, 0);
    changes.readUpToNow();
    changes.changed(first, noted);
    assertThat(read(0)).containsExactly(second.job(), first.job());
  }

  @Test
  void aChangeThatNoReaderHasSeenKeepsItsNumber() {
    long noted = changes.changed(label(), 0);
    var again = label();
    long number = changes.changed(again, 0);
    assertThat(changes.changed(again, number)).isEqualTo(number);
    changes.readUpToNow();
    assertThat(changes.changed(again, number)).isGreaterThan(number);
    assertThat(noted).isEqualTo(1);
  }

  @Test
  void aLateChangeDoesNotHideTheEndOfAJob() {
    var label = label();
    long noted = changes.changed(label, 0);
    changes.readUpToNow();
    changes.ended(label, JobStatus.queued(1));
    changes.readUpToNow();
    changes.changed(label, noted);
    assertThat(changes.next(noted, Long.MAX_VALUE))
        .hasValueSatisfying(
            next -> assertThat(next.change()).isInstanceOf(BoardChange.Ended.class));
    changes.deleted(label.job());
    changes.ended(label, JobStatus.queued(1));
    assertThat(read(0)).containsExactly(label.job());
  }

  @Test
  void theOldestChangesAreForgottenAndReadersLearnThat() {
    for (int i = 0; i < BoardChanges.MOST; i++) {
      changes.deleted(id());
    }
    assertThat(changes.hasForgotten(0)).isFalse();
    changes.deleted(id());
    assertThat(changes.hasForgotten(0)).isTrue();
    assertThat(changes.hasForgotten(1)).isFalse();
    assertThat(read(0)).hasSize(BoardChanges.MOST);
  }

  private List<JobId> read(long after) {
    var jobs = new ArrayList<JobId>();
    long known = after;
    while (true) {
      Optional<BoardChange.Numbered> next = changes.next(known, Long.MAX_VALUE);
      if (next.isEmpty()) {
        return jobs;
      }
      jobs.add(next.get().change().job());
      known = next.get().number();
    }
  }

  private static BoardChange.Label label() {
    return new BoardChange.Label(id(), "", "f", Instant.EPOCH);
  }

  private static JobId id() {
    return new JobId(UUID.randomUUID());
  }
}
