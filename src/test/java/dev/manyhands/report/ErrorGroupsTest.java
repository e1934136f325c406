package dev.manyhands.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorGroupsTest {
  private final ErrorGroups groups = new ErrorGroups();

  private boolean add(long index, String type, String message) {
    return groups.add(new ItemError(index, ItemError.Kind.ERROR, type, message, null, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "no row 17, no row #",
    "took 1.5 s of 10, took # s of #",
    "<object at 0x7f3a>, <object at #>",
    "job 019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77 is gone, job # is gone",
    "commit 9fceb02d0ae598e9 is missing, commit # is missing",
    "127.0.0.1:8080 refused, # refused",
    "no digits decade facade, no digits decade facade",
  })
  void numbersAndIdsDoNotCount(String message, String group) {
    add(0, "KeyError", message);

    assertThat(groups.groups().getFirst().message()).isEqualTo(group);
    assertThat(groups.groups().getFirst().sample().message()).isEqualTo(message);
  }

  @Test
  void theLargestGroupComesFirst() {
    add(1, "KeyError", "no row 1");
    add(2, "ValueError", "bad 2");
    add(5, "ValueError", "bad 5");
    add(9, "TypeError", "bad 9");

    assertThat(groups.groups())
        .extracting(ErrorGroups.Group::type, ErrorGroups.Group::count)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("ValueError", 2L),
            org.assertj.core.groups.Tuple.tuple("KeyError", 1L),
            org.assertj.core.groups.Tuple.tuple("TypeError", 1L));
    var largest = groups.groups().getFirst();
    assertThat(largest.firstIndex()).isEqualTo(2);
    assertThat(largest.lastIndex()).isEqualTo(5);
    assertThat(largest.sample().index()).isEqualTo(2);
  }

  @Test
  void aLargeGroupThatBeginsLateIsShown() {
    for (long index = 0; index < 200; index++) {
      add(index, "Error" + "x".repeat((int) index), "m");
    }
    boolean wantsMore = true;
    for (long index = 200; wantsMore; index++) {
      wantsMore = add(index, "ConnectionError", "refused");
    }

    assertThat(groups.examined()).isEqualTo(ErrorGroups.MOST_EXAMINED);
    assertThat(groups.groups()).hasSize(100);
    assertThat(groups.groups().getFirst().type()).isEqualTo("ConnectionError");
    assertThat(groups.groups().getFirst().count()).isEqualTo(ErrorGroups.MOST_EXAMINED - 200);
  }

  @Test
  void samplesTakeABoundedAmountOfMemory() {
    String traceback = "t".repeat(100_000);
    for (int index = 0; index < 200; index++) {
      String message = "x".repeat(index + 1);
      groups.add(new ItemError(index, ItemError.Kind.ERROR, "E", message, traceback, 1));
    }

    long held = groups.groups().stream().mapToLong(group -> group.sample().weight()).sum();
    assertThat(held).isLessThan(5 << 20);
    assertThat(groups.groups().getFirst().sample().traceback()).isEqualTo(traceback);
  }

  @Test
  void aPairOfSurrogatesIsNotCut() {
    add(0, "E", "x".repeat(299) + "\ud83d\ude00 and more");

    assertThat(groups.groups().getFirst().message()).isEqualTo("x".repeat(299) + "…");
  }
}
