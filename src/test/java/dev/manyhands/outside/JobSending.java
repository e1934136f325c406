package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Item;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Sends a random job, and does with it what its user does. */
final class JobSending {
  static final String OPEN = "{\"open\": true}";

  final RandomJob job;
  private final Handling handling;
  private final RandomGenerator random;

  /** The deeds so far. */
  final Deeds deeds = new Deeds();

  private final @Nullable Receiver receiver;
  private final OracleWaits waits;
  private final OracleLeases lease = new OracleLeases();
  private final OracleAppends appends;

  /** The items that were appended in portions. */
  private int sent;

  /**
   * @param receiver of its callback; null for a job without one
   */
  JobSending(RandomJob job, @Nullable Receiver receiver) {
    this.job = job;
    this.receiver = job.handling().callsBack() ? receiver : null;
    this.handling = job.handling();
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(~job.seed());
    this.waits = new OracleWaits(handling, random);
    this.appends = new OracleAppends(items(), mayRefuse(), random);
  }

  /** Sends it, of a job whose items come in portions only some; gives its id. */
  String begin(Service service) {
    String spec = job.spec() + waits.options(service);
    if (receiver != null) {
      spec += ", " + receiver.option();
    }
    return switch (handling.way()) {
      case ARRAY -> service.submit(job(spec, job.array()));
      case SHORT -> service.submit(job(spec, Objects.requireNonNull(job.function().inputs())));
      case RESULTS -> service.submit(job(spec, results(service)));
      case LINES -> {
        String body = "{" + spec + "}\n" + lines(items());
        yield accepted(post(service, "/api/v1/jobs", "application/x-ndjson", body));
      }
      case FORM ->
          accepted(post(service, "/api/v1/jobs", "multipart/form-data; boundary=xyz", form(spec)));
      case PORTIONS, PLACED -> {
        String id =
            switch (handling.lease()) {
              case NONE -> service.submit(job(spec, OPEN));
              case KEPT -> lease.submitKept(service, spec);
              case ABANDONED -> lease.submitAbandoned(service, spec);
            };
        sendFirst(Asker.of(service), id);
        yield id;
      }
    };
  }

  private static String job(String spec, String inputs) {
    return "{%s, \"inputs\": %s}".formatted(spec, inputs);
  }

  /** Returns inputs that another job gives back as they are written. */
  private String results(Service service) {
    String cat =
        "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": %s}";
    return "{\"results\": %s}".formatted(Service.quote(service.submit(cat.formatted(job.array()))));
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
    waits.letGo(service, id);
    if (handling.before() == Handling.Before.FAILURE) {
      return;
    }
    if (handling.mayWait()) {
      OracleWaits.awaitBegin(service, id);
    }
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

  /** Checks what follows from how the job was sent, when it has ended. */
  void checkEnd(Service service, JsonNode job, boolean mayRepeat) throws InterruptedException {
    waits.check(service, job);
    if (receiver != null) {
      receiver.check(job, mayRepeat);
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
    // Remembered values are recorded while the job is paused. No worker has run an item.
    JsonNode items = held.get("items");
    assertThat(items.get("succeeded")).as("%s", held).isEqualTo(items.get("cached"));
    assertThat(items.get("failed").intValue()).as("%s", held).isZero();
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

  private String form(String spec) {
    return "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{"
        + spec
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
