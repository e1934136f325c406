package dev.manyhands.http.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.shared.SharedAnswer;
import dev.manyhands.engine.shared.SharedCall;
import dev.manyhands.engine.shared.SharedContent;
import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.http.JobPath;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.SharedCallRequest;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The objects that the items of a job share: all of them, one of them, and calls to one. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/shared")
class SharedController {
  private static final int MAX_LISTED = 1_000;
  private static final int LISTED = 100;

  private final JobDesk jobs;
  private final SharedObjects shared;
  private final Intake intake;
  private final StrictJson strict;
  private final JsonMapper json;

  SharedController(
      JobDesk jobs, SharedObjects shared, Intake intake, StrictJson strict, JsonMapper json) {
    this.jobs = jobs;
    this.shared = shared;
    this.intake = intake;
    this.strict = strict;
    this.json = json;
  }

  private record SharedList(List<SharedView> shared) {}

  @GetMapping
  ResponseEntity<byte[]> list(@PathVariable String id) {
    Job job = jobs.get(JobPath.id(id));
    var objects = read(job, () -> shared.of(job)).stream().map(SharedView::of).toList();
    return answer(json.writeValueAsBytes(new SharedList(objects)));
  }

  @GetMapping("/{name}")
  ResponseEntity<byte[]> content(
      @PathVariable String id,
      @PathVariable String name,
      @RequestParam(required = false) @Nullable Long offset,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String key) {
    long first = offset == null ? 0 : offset;
    int most = limit == null ? LISTED : limit;
    if (first < 0) {
      throw Refusal.malformed("offset", "must not be negative");
    }
    if (most < 1 || most > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    Job job = jobs.get(JobPath.id(id));
    SharedObject declared = declared(job, name);
    SharedContent content;
    if (key == null) {
      content = read(job, () -> shared.content(job, name, first, most));
    } else if (offset != null || limit != null) {
      throw Refusal.malformed("key", "names one entry, without 'offset' and 'limit'");
    } else if (declared.kind() != SharedKind.DICT) {
      throw Refusal.malformed("key", "goes with a dict only");
    } else {
      content = read(job, () -> entry(job, name, key));
    }
    return answer(SharedPart.of(content, first, json));
  }

  private static SharedObject declared(Job job, String name) {
    SharedObject declared = job.spec().shared().get(name);
    if (declared == null) {
      var names = job.spec().shared().keySet();
      throw Refusal.notFound(
          "job %s declares no shared object '%s'; it declares %s"
              .formatted(job.id(), name, names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return declared;
  }

  /** Returns the entry of a dict with this key, or none. */
  private SharedContent entry(Job job, String name, String key) {
    byte[] text = key(key);
    SharedAnswer found = shared.call(job, new SharedCall(name, "get", List.of(text), 0.0));
    if (found.error() != null) {
      throw refusal(found, "key", "key");
    }
    var summary = shared.content(job, name, 0, 0).summary();
    byte[] value = found.value();
    List<Entry> entries =
        value == null ? List.of() : List.of(new Entry(new String(text, UTF_8), value));
    return new SharedContent(summary, entries, null);
  }

  /** Returns a key as JSON: an integer, a text in quotes, or any other text without quotes. */
  private byte[] key(String key) {
    if (key.matches("-?(0|[1-9][0-9]*)")) {
      return key.getBytes(StandardCharsets.US_ASCII);
    }
    boolean isQuoted = key.length() > 1 && key.startsWith("\"") && key.endsWith("\"");
    String text = isQuoted ? strict.read(key.getBytes(UTF_8), String.class, "key") : key;
    return json.writeValueAsBytes(text);
  }

  @PostMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> call(
      @PathVariable String id, @PathVariable String name, HttpServletRequest request)
      throws IOException {
    try (var hold = intake.memory().hold()) {
      int most = intake.limits().maxSpecBytes();
      byte[] body =
          hold.readSpec(
              request.getInputStream(),
              () -> Refusal.tooLarge("", "a call may have at most " + most + " bytes"));
      var call = SharedCallRequest.read(body, strict);
      Job job = jobs.get(JobPath.id(id));
      SharedObject declared = declared(job, name);
      SharedAnswer answer =
          read(
              job,
              () ->
                  shared.call(job, new SharedCall(name, call.operation(), call.arguments(), 0.0)));
      return answer(body(answer, declared, call.operation()));
    }
  }

  private static byte[] body(SharedAnswer answer, SharedObject declared, String operation) {
    boolean isEmptyQueue =
        answer.late() && declared.kind() == SharedKind.QUEUE && operation.equals("get");
    if (answer.missing() || isEmptyQueue) {
      return "{\"missing\":true}".getBytes(UTF_8);
    }
    if (answer.late()) {
      throw Refusal.conflict(
          declared.kind() == SharedKind.QUEUE
              ? "the queue is full, and calls over HTTP do not wait; take an element first"
              : "an item holds the object now, and calls over HTTP do not wait; try again");
    }
    if (answer.error() != null) {
      throw refusal(answer, "/do", "/args");
    }
    byte[] value = answer.value();
    String result = value == null ? "null" : new String(value, UTF_8);
    return ("{\"result\":" + result + "}").getBytes(UTF_8);
  }

  /**
   * @param operation pointer to the operation
   * @param arguments pointer to its arguments
   */
  private static Refusal refusal(SharedAnswer answer, String operation, String arguments) {
    String why = String.valueOf(answer.message());
    return switch (String.valueOf(answer.error())) {
      case "unknown" -> Refusal.invalid(operation, why);
      case "type" -> Refusal.invalid(arguments, why);
      default -> Refusal.conflict(why);
    };
  }

  /** Reads or changes the objects of a job, which may be deleted meanwhile. */
  private <T> T read(Job job, Supplier<T> task) {
    T result;
    try {
      result = task.get();
    } catch (UncheckedIOException failure) {
      throw Refusal.unavailable(
          "the memory of the job's shared objects cannot be made: " + failure.getCause());
    }
    if (job.status().state().isTerminal()) {
      jobs.get(job.id()); // refuses a job that is gone, because its objects may be gone, too
    }
    return result;
  }

  private static ResponseEntity<byte[]> answer(byte[] body) {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
  }
}
