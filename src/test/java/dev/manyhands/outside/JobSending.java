package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Item;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Sends a random job, and does with it what its user does. */
final class JobSending {
  final RandomJob job;
  private final Handling handling;
  private final RandomGenerator random;

  /** What was done so far. */
  final Deeds deeds = new Deeds();

  private final OracleLeases lease = new OracleLeases();
  private final OracleAppends appends;

  /** The items that were appended in portions. */
  private int sent;

  JobSending(RandomJob job) {
    this.job = job;
    this.handling = job.handling();
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(~job.seed());
    this.appends = new OracleAppends(items(), mayRefuse(), random);
  }

  /** Sends it, of a job whose items come in portions only some; gives its id. */
  String begin(Service service) {
    return switch (handling.way()) {
      case ARRAY, SHORT -> service.submit(job.json());
      case LINES -> {
        String body = "{" + job.spec() + "}\n" + lines(items());
        yield accepted(post(service, "/api/v1/jobs", "application/x-ndjson", body));
      }
      case FORM ->
          accepted(post(service, "/api/v1/jobs", "multipart/form-data; boundary=xyz", form()));
      case PORTIONS, PLACED -> {
        String id =
            switch (handling.lease()) {
              case NONE -> service.submit(job.json());
              case KEPT -> lease.submitKept(service, job.spec());
              case ABANDONED -> lease.submitAbandoned(service, job.spec());
            };
        sendFirst(Asker.of(service), id);
        yield id;
      }
    };
  }

  /** Sends the rest, lets it run, and changes it; or leaves it until it is abandoned. */
  void goOn(Service service, String id) {
    if (isAbandoned()) {
      lease.awaitEnd(id);
      deeds.sentUntilAbandoned = sent + appends.there();
    } else {
      goOn(Asker.of(service), id);
      lease.letGo();
    }
  }

  void goOn(Asker service, String id) {
    if (handling.isOpen()) {
      sendRest(service, id);
    }
    letRun(service, id);
  }

  private boolean isAbandoned() {
    return handling.lease() == Handling.Lease.ABANDONED;
  }

  private boolean mayEndEarly() {
    return job.rules().mayEndEarly() || job.doom() != null;
  }

  private boolean mayRefuse() {
    return mayEndEarly() || isAbandoned();
  }

  private void sendFirst(Asker service, String id) {
    if (handling.way() == Handling.Way.PLACED) {
      appends.sendSome(service, id, items().size() / 2);
    } else {
      for (int i = 0; i < handling.portions() / 2; i++) {
        sendPortion(service, id, i);
      }
    }
  }

  private void sendRest(Asker service, String id) {
    if (handling.way() == Handling.Way.PLACED) {
      appends.sendSome(service, id, items().size());
      appends.sendRest(service, id);
    } else {
      for (int i = handling.portions() / 2; i < handling.portions(); i++) {
        sendPortion(service, id, i);
      }
    }
    var closed = service.post("/api/v1/jobs/" + id + "/close", "");
    boolean isOther = mayEndEarly() || service.repeats();
    List<Integer> expected = isOther ? List.of(200, 202) : List.of(202);
    assertThat(closed.status()).as("%s", closed).isIn(expected);
    if (handling.way() == Handling.Way.PLACED) {
      appends.afterTheClose(service, id);
    }
  }

  private void letRun(Asker service, String id) {
    String path = "/api/v1/jobs/" + id;
    var cancels = new OracleCancels(service, id, deeds, random);
    if (handling.paused()) {
      if (handling.cancels()) {
        cancels.whilePaused();
      }
      letGo(service, path);
    }
    if (handling.cancels()) {
      cancels.whileRunning(job.isIdempotent());
    }
    if (handling.change() != null) {
      var answer = service.patch(path, handling.change());
      assertThat(answer.status()).as("%s", answer).isIn(200, 409);
    }
  }

  /** Does what changes nothing in a job that has ended. */
  void afterTheEnd(Service service, String id, Told told) {
    if (handling.cancels()) {
      new OracleCancels(Asker.of(service), id, deeds, random).afterTheEnd(told);
    }
  }

  private void letGo(Asker service, String path) {
    JsonNode held = service.get(path).json();
    assertThat(held.get("startedAt").isNull()).as("%s", held).isTrue();
    var answer = service.patch(path, "{\"paused\": false}");
    // Without items it has nothing to wait for.
    boolean mayHaveEnded = items().size() == deeds.cancelled.size();
    assertThat(answer.status()).as("%s", answer).isIn(200, mayHaveEnded ? 409 : 200);
  }

  private List<Item> items() {
    return job.function().items();
  }

  private static String lines(List<Item> items) {
    return items.stream().map(item -> item.json() + "\n").collect(Collectors.joining());
  }

  private String form() {
    return "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{"
        + job.spec()
        + "}\r\n--xyz\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"i\"\r\n\r\n"
        + lines(items())
        + "\r\n--xyz--\r\n";
  }

  private void sendPortion(Asker service, String id, int number) {
    int count = items().size();
    int portions = handling.portions();
    var portion = items().subList(count * number / portions, count * (number + 1) / portions);
    String path = "/api/v1/jobs/" + id + "/inputs";
    var answer = service.ask(s -> post(s, path, "application/x-ndjson", lines(portion)));
    if (answer.status() != 409 || !mayRefuse()) {
      accepted(answer);
      sent += portion.size();
    }
  }

  /** Gives the id of the job. */
  private static String accepted(Service.Answer answer) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private static Service.Answer post(Service service, String path, String type, String body) {
    return service.send(
        service.request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
  }
}
