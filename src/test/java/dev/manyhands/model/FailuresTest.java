package dev.manyhands.model;

import static dev.manyhands.model.ItemError.Kind.ERROR;
import static dev.manyhands.model.ItemError.Kind.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Failures.Group;
import dev.manyhands.model.ItemError.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The counts of failed items that a job shows. */
class FailuresTest {

  private static ItemError error(long index, Kind kind, String type) {
    return new ItemError(index, kind, type, "message " + index, "a traceback", 1);
  }

  @Test
  void kindAndTypeMakeAGroupAndTheLargestComesFirst() {
    var failures =
        Failures.NONE.plus(
            List.of(
                error(1, ERROR, "Timeout"),
                error(2, TIMEOUT, "Timeout"),
                error(3, ERROR, "KeyError"),
                error(4, ERROR, "KeyError")));

    assertThat(failures.largestFirst())
        .containsExactly(
            new Group(ERROR, "KeyError", 2, 3, "message 3"),
            new Group(ERROR, "Timeout", 1, 1, "message 1"),
            new Group(TIMEOUT, "Timeout", 1, 2, "message 2"));
    assertThat(failures.others(4)).isZero();
  }

  @Test
  void theLowestIndexCountsInWhateverOrderErrorsCome() {
    var errors = new ArrayList<ItemError>();
    for (long i = 5; i < 100; i++) {
      errors.add(error(i, ERROR, i % 3 == 0 ? "A" : "B"));
    }
    Collections.shuffle(errors, new Random(3));
    var failures = Failures.NONE;
    for (ItemError error : errors) {
      failures = failures.plus(List.of(error));
    }

    assertThat(failures.largestFirst())
        .containsExactly(
            new Group(ERROR, "B", 63, 5, "message 5"), new Group(ERROR, "A", 32, 6, "message 6"));
  }

  @Test
  void allFurtherTypesAreOthers() {
    var failures = Failures.NONE;
    for (long i = 0; i < 50; i++) {
      failures =
          failures.plus(List.of(error(i, ERROR, "Type" + i), error(100 + i, ERROR, "Type0")));
    }

    assertThat(failures.groups()).hasSize(Failures.MOST_GROUPS);
    assertThat(failures.largestFirst().getFirst())
        .isEqualTo(new Group(ERROR, "Type0", 51, 0, "message 0"));
    assertThat(failures.others(100)).isEqualTo(100 - 51 - 19);
  }

  @Test
  void textsAreShort() {
    var huge = "x".repeat(100_000);
    var failures =
        Failures.NONE
            .plus(List.of(new ItemError(0, ERROR, huge, huge, huge, 1)))
            .plus(List.of(new ItemError(1, ERROR, huge, huge, huge, 1)));

    assertThat(failures.groups()).hasSize(1);
    Group group = failures.groups().getFirst();
    assertThat(group.count()).isEqualTo(2);
    assertThat(group.type()).hasSize(101).endsWith("x…");
    assertThat(group.message()).hasSize(201).endsWith("x…");
  }
}
