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
  void groupsAndErrorsAreBounded() {
    boolean wantsMore = true;
    long index = 0;
    while (wantsMore) {
      wantsMore = add(index, "Error" + "x".repeat((int) (index % 500)), "m");
      index++;
    }
    assertThat(groups.examined()).isEqualTo(ErrorGroups.MOST_EXAMINED);
    assertThat(groups.groups()).hasSize(100).allMatch(group -> group.count() == 20);
  }
}
