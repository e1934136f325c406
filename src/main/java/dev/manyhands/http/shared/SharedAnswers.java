package dev.manyhands.http.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.shared.SharedAnswer;
import dev.manyhands.engine.shared.SharedCall;
import dev.manyhands.engine.shared.SharedContent;
import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.shared.SharedSetGoneException;
import dev.manyhands.http.SharedView.SharedList;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.SharedCallRequest;
import dev.manyhands.intake.StrictJson;
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
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Answers requests about the objects of one set, which a job or a set has. */
@Component
class SharedAnswers {
  private static final int MAX_LISTED = 1_000;
  private static final int LISTED = 100;

  private final SharedObjects shared;
  private final Intake intake;
  private final StrictJson strict;
  private final JsonMapper json;

  SharedAnswers(SharedObjects shared, Intake intake, StrictJson strict, JsonMapper json) {
    this.shared = shared;
    this.intake = intake;
    this.strict = strict;
    this.json = json;
  }

  /** The part of an object that a request asks for. Null for what the request does not set. */
  record Part(@Nullable Long offset, @Nullable Integer limit, @Nullable String key) {}

  /** Returns all objects, in the order of their declaration. */
  SharedList list(SharedDeclaration set) {
    return SharedList.of(made(() -> shared.of(set)));
  }

  /** Returns a part of what an object holds, as JSON. */
  byte[] content(SharedDeclaration set, String name, Part part) {
    long first = part.offset() == null ? 0 : part.offset();
    int most = part.limit() == null ? LISTED : part.limit();
    if (first < 0) {
      throw Refusal.malformed("offset", "must not be negative");
    }
    if (most < 1 || most > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    SharedObject declared = declared(set, name);
    SharedContent content;
    if (part.key() == null) {
      content = made(() -> shared.content(set, name, first, most));
    } else if (part.offset() != null || part.limit() != null) {
      throw Refusal.malformed("key", "names one entry, without 'offset' and 'limit'");
    } else if (declared.kind() != SharedKind.DICT) {
      throw Refusal.malformed("key", "goes with a dict only");
    } else {
      String key = part.key();
      content = made(() -> entry(set, name, key));
    }
    return SharedPart.of(content, first, json);
  }

  private static SharedObject declared(SharedDeclaration set, String name) {
    SharedObject declared = set.objects().get(name);
    if (declared == null) {
      var names = set.objects().keySet();
      throw Refusal.notFound(
          set.noObject(name) + (names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return declared;
  }

  /** Returns the entry of a dict with this key, or none. */
  private SharedContent entry(SharedDeclaration set, String name, String key) {
    byte[] text = key(key);
    SharedAnswer found = shared.call(set, new SharedCall(name, "get", List.of(text), 0.0));
    if (found.error() != null) {
      throw refusal(found, "key", "key");
    }
    var summary = shared.content(set, name, 0, 0).summary();
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

  /**
   * Makes the call that a request asks for; returns the answer as JSON.
   *
   * @param find returns the set; called once the request was read
   */
  byte[] call(Supplier<SharedDeclaration> find, String name, HttpServletRequest request)
      throws IOException {
    try (var hold = intake.memory().hold()) {
      int most = intake.limits().maxSpecBytes();
      byte[] body =
          hold.readSpec(
              request.getInputStream(),
              () -> Refusal.tooLarge("", "a call may have at most " + most + " bytes"));
      var asked = SharedCallRequest.read(body, strict);
      SharedDeclaration set = find.get();
      SharedObject declared = declared(set, name);
      var call = new SharedCall(name, asked.operation(), asked.arguments(), 0.0);
      SharedAnswer answer = made(() -> shared.call(set, call));
      return body(answer, declared, asked.operation());
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

  /** Reads or changes the objects of a set whose page may have to be made. */
  private static <T> T made(Supplier<T> task) {
    try {
      return task.get();
    } catch (SharedSetGoneException gone) {
      throw Refusal.notFound("the set of shared objects was deleted, or its 'ttl' is over");
    } catch (UncheckedIOException failure) {
      throw Refusal.unavailable(
          "the memory of the shared objects cannot be made: " + failure.getCause());
    }
  }

  static ResponseEntity<byte[]> answer(byte[] body) {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
  }
}
