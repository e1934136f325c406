package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Jobs with much code fill the heap to a bound and not beyond: what has no room is refused, and all
 * that was accepted is shown, kept over a kill, and run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated("compares times")
class CapacityIT {
  private static final String JOBS = "/api/v1/jobs";
  private static final String HEAP = "256m";
  private static final int CODE_BYTES = 3_900_000;

  /** More code of its own than the heap has room for several times over. */
  private static final int MANY = 150;

  private static final int STARTS = 3;

  @BeforeAll
  static void need() {
    Requirements.python();
  }

  private static String job(int number, boolean paused) {
    String code = "def f(x): return x + " + number + "\n#" + "x".repeat(CODE_BYTES - 50) + "\n";
    return "{\"function\": {\"runtime\": \"python\", \"code\": %s, \"entry\": \"f\"}, \"inputs\": [1], \"paused\": %s}"
        .formatted(quote(code), paused);
  }

  @Test
  void muchCodeIsRefusedInTimeAndAllThatWasAcceptedFinishes() throws Exception {
    var service = Service.startWithHeap(HEAP, Service.newDirectory());
    try {
      var accepted = new ArrayList<String>();
      Service.Answer refused = null;
      while (refused == null && accepted.size() < MANY) {
        var answer = service.post(JOBS, job(accepted.size(), true));
        if (answer.status() == 202) {
          accepted.add(answer.json().get("id").stringValue());
        } else {
          refused = answer;
        }
      }
      assertThat(accepted).hasSizeBetween(2, MANY - 1);
      assertUnavailable(refused);
      assertThat(refused.body()).contains("-Xmx", "register the function");

      // A job with little code is welcome.
      String small = service.submit("{\"function\": \"gcd\", \"inputs\": [[4, 6]]}");
      assertThat(service.await(small).get("state").stringValue()).isEqualTo("SUCCEEDED");

      var many = atOnce(16, () -> service.post(JOBS, job(MANY, true)));
      assertThat(many).allSatisfy(CapacityIT::assertUnavailable);
      var listed = atOnce(4, () -> service.get(JOBS + "?limit=1000"));
      assertThat(listed)
          .allSatisfy(list -> {
            assertThat(list.status()).isEqualTo(200);
            assertThat(list.json().get("jobs")).hasSize(accepted.size() + 1);
          });
      var looked = service.get(JOBS + "/" + accepted.getFirst());
      assertThat(looked.status()).isEqualTo(200);
      assertThat(looked.json().get("paused").booleanValue()).isTrue();

      service.killMinus9();
      var restarted = fastest(service);
      try {
        for (int i = 0; i < accepted.size(); i++) {
          String id = accepted.get(i);
          var resumed =
              restarted.send(
                  restarted
                      .request(JOBS + "/" + id)
                      .header("Content-Type", "application/json")
                      .method(
                          "PATCH",
                          java.net.http.HttpRequest.BodyPublishers.ofString(
                              "{\"paused\": false}")));
          assertThat(resumed.status()).as(resumed.toString()).isEqualTo(200);
          assertThat(restarted.await(id).get("state").stringValue()).isEqualTo("SUCCEEDED");
          assertThat(restarted.results(id).getFirst().intValue()).isEqualTo(1 + i);
        }
        assertThat(restarted.post(JOBS, job(MANY, false)).status()).isEqualTo(202);
        assertThat(restarted.get(JOBS + "?limit=1000").status()).isEqualTo(200);
        assertThat(service.log() + restarted.log()).doesNotContain("OutOfMemoryError");
      } finally {
        restarted.close();
      }
    } finally {
      service.close();
    }
  }

  /**
   * A start that takes over all that code takes at most twice the time of one on an empty store:
   * the best of some each, in turns, since other work on the machine only makes them slower.
   */
  private static Service fastest(Service killed) throws InterruptedException {
    long full = Long.MAX_VALUE;
    long empty = Long.MAX_VALUE;
    Service last = null;
    for (int i = 0; i < STARTS; i++) {
      long begun = System.nanoTime();
      Service.startWithHeap(HEAP, Service.newDirectory()).close();
      empty = Math.min(empty, System.nanoTime() - begun);
      if (last != null) {
        last.killMinus9();
      }
      begun = System.nanoTime();
      last = killed.again();
      full = Math.min(full, System.nanoTime() - begun);
    }
    assertThat(full).isLessThanOrEqualTo(2 * empty);
    return last;
  }

  @Test
  void largeBodiesAtOnceAreReadInTurnOrRefused() throws Exception {
    try (var service = Service.startWithHeap(HEAP, Service.newDirectory())) {
      for (int round = 0; round < 2; round++) {
        var answers = atOnce(16, () -> service.post(JOBS, job(1, true)));
        // They share their code, so that all have room once they are read.
        assertThat(answers)
            .allSatisfy(answer -> {
              if (answer.status() != 202) {
                assertUnavailable(answer);
              }
            })
            .anySatisfy(answer -> assertThat(answer.status()).isEqualTo(202));
      }
      assertThat(service.get(JOBS + "?limit=1000").status()).isEqualTo(200);
      assertThat(service.log()).doesNotContain("OutOfMemoryError");
    }
  }

  static void assertUnavailable(Service.Answer answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.header("Retry-After")).isNotEmpty();
  }

  private static List<Service.Answer> atOnce(int count, Callable<Service.Answer> request)
      throws Exception {
    return atOnce(Collections.nCopies(count, request));
  }

  static List<Service.Answer> atOnce(List<Callable<Service.Answer>> requests) throws Exception {
    var answers = new ArrayList<Service.Answer>();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var answer : clients.invokeAll(requests)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }
}
