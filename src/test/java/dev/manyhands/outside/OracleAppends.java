package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Item;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Appends the items of a job in random requests that name their first index: repeated, overlapping,
 * with a gap, and with another item in between. Knows what the answer to each must be.
 */
final class OracleAppends {
  private final List<Item> items;
  private final boolean mayEndEarly;
  private final RandomGenerator random;

  /** The items that the job has, as far as the service has answered. */
  private int there;

  /**
   * @param mayEndEarly whether the job may refuse items before it is closed
   */
  OracleAppends(List<Item> items, boolean mayEndEarly, RandomGenerator random) {
    this.items = items;
    this.mayEndEarly = mayEndEarly;
    this.random = random;
  }

  int there() {
    return there;
  }

  /** Sends requests up to about this many items. */
  void sendSome(Asker service, String id, int most) {
    for (int i = 0; i < 3 && there < most; i++) {
      switch (random.nextInt(6)) {
        case 0 -> append(service, id, there + 1 + random.nextInt(5), 2, -1);
        case 1 -> sendWithAnother(service, id, most);
        case 2 -> send(service, id, random.nextInt(there + 1), there);
        default -> send(service, id, random.nextInt(there + 1), most);
      }
    }
  }

  /** Sends all that is missing, and some again. */
  void sendRest(Asker service, String id) {
    int first = random.nextInt(there + 1);
    append(service, id, first, items.size() - first, -1);
    repeatWhatIsThere(service, id);
  }

  /** Repeats requests of a job that is closed, or has ended. */
  void afterTheClose(Asker service, String id) {
    repeatWhatIsThere(service, id);
    sendWithAnother(service, id, there);
    expect(post(service, id, there, "0\n"), 409);
  }

  private void repeatWhatIsThere(Asker service, String id) {
    int first = random.nextInt(there + 1);
    String lines = lines(first, first + random.nextInt(there - first + 1), -1);
    expect(post(service, id, first, lines), 200);
  }

  /** Sends items from an index that the job has up to a random one. */
  private void send(Asker service, String id, int first, int most) {
    int count =
        first >= most ? 0 : random.nextBoolean() ? most - first : random.nextInt(most - first + 1);
    append(service, id, first, count, -1);
  }

  /** Sends another item in the place of one that is there. */
  private void sendWithAnother(Asker service, String id, int most) {
    if (there > 0) {
      int first = random.nextInt(there);
      int another = random.nextInt(first, there);
      append(service, id, first, Math.max(another + 1, most) - first, another);
    }
  }

  private void append(Asker service, String id, int first, int count, int another) {
    int end = Math.min(items.size(), first + count);
    if (first > there) {
      expect(post(service, id, first, "1\n".repeat(count)), 409);
      return;
    }
    var answer = post(service, id, first, lines(first, end, another));
    if (another >= 0) {
      // A job that has ended may refuse the items that it does not have, or the other one.
      if (!mayEndEarly || answer.status() != 409) {
        expect(answer, 422);
        assertThat(answer.json().path("stored").intValue(0))
            .as("%s", answer)
            .isEqualTo(another - first);
      }
    } else if (end <= there) {
      expect(answer, 200);
    } else if (!mayEndEarly || answer.status() != 409) {
      // A repeated request, whose first answer was lost, finds all items there.
      assertThat(answer.status()).as("%s", answer).isIn(accepted(service));
      there = end;
    }
  }

  private static List<Integer> accepted(Asker service) {
    return service.repeats() ? List.of(200, 202) : List.of(202);
  }

  private static void expect(Service.Answer answer, int status) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
  }

  /** Returns lines of items, of which one is replaced. */
  private String lines(int first, int end, int another) {
    return IntStream.range(first, end)
        .mapToObj(
            i -> i == another ? "[" + items.get(i).json() + "]\n" : items.get(i).json() + "\n")
        .collect(Collectors.joining());
  }

  private static Service.Answer post(Asker service, String id, int first, String lines) {
    return service.ask(s ->
        s.send(
            s.request("/api/v1/jobs/" + id + "/inputs?first=" + first)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines))));
  }
}
