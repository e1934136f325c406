package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.model.ItemTimes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a frame from a worker: all members that any such frame may have, each null where it
 * is missing. It is read token by token, in a fifth of the time of a mapping by reflection. The
 * time matters, because each chunk has a header, however small the chunk is.
 */
final class FrameHeader {
  /** Reads the value of {@code errors}, and leaves the members behind it unread. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  @Nullable String op;
  @Nullable Long protocol;
  @Nullable String runtime;
  @Nullable String type;
  @Nullable String message;
  @Nullable String traceback;
  @Nullable Long call;
  @Nullable String object;
  @Nullable String operation;
  @Nullable Double patience;
  @Nullable Long chunk;
  @Nullable Long first;
  @Nullable Long count;
  @Nullable Boolean last;
  @Nullable Double run;
  @Nullable Double read;
  @Nullable Double write;
  @Nullable Long rss;
  @Nullable Double cpu;
  @Nullable Boolean combined;
  @Nullable Boolean initializer;
  @Nullable Long matched;
  @Nullable String seeding;
  @Nullable List<@Nullable Failure> errors;

  /** Three numbers for each item: its thread, and its begin and end in microseconds before now. */
  @Nullable List<Long> times;

  /** An element of {@code errors}. */
  record Failure(
      @Nullable Long index,
      @Nullable String kind,
      @Nullable String type,
      @Nullable String message,
      @Nullable String traceback,
      @Nullable String data) {}

  private FrameHeader() {}

  /**
   * Reads the header, which ends at {@code end}.
   *
   * @throws BadFrame if the header is not an object, or a member is not of its kind
   * @throws tools.jackson.core.JacksonException if the header is not JSON
   */
  static FrameHeader read(byte[] frame, int end) throws BadFrame {
    try (JsonParser json = JSON.createParser(frame, 0, end)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadFrame("a frame's header is not an object");
      }
      var header = new FrameHeader();
      for (String name; (name = json.nextName()) != null; ) {
        if (json.nextToken() != JsonToken.VALUE_NULL) {
          header.set(name, json);
        }
      }
      if (json.nextToken() != null) {
        throw new BadFrame("there is something behind the header of a frame");
      }
      return header;
    }
  }

  private void set(String name, JsonParser json) throws BadFrame {
    switch (name) {
      case "op" -> op = text(name, json);
      case "protocol" -> protocol = integer(name, json);
      case "runtime" -> runtime = text(name, json);
      case "type" -> type = text(name, json);
      case "message" -> message = text(name, json);
      case "traceback" -> traceback = text(name, json);
      case "call" -> call = integer(name, json);
      case "object" -> object = text(name, json);
      case "do" -> operation = text(name, json);
      case "wait" -> patience = number(name, json);
      case "chunk" -> chunk = integer(name, json);
      case "first" -> first = integer(name, json);
      case "count" -> count = integer(name, json);
      case "last" -> last = truth(name, json);
      case "run" -> run = number(name, json);
      case "read" -> read = number(name, json);
      case "write" -> write = number(name, json);
      case "rss" -> rss = integer(name, json);
      case "cpu" -> cpu = number(name, json);
      case "combined" -> combined = truth(name, json);
      case "initializer" -> initializer = truth(name, json);
      case "matched" -> matched = integer(name, json);
      case "seeding" -> seeding = text(name, json);
      case "errors" -> errors = JSON.readerForListOf(Failure.class).readValue(json);
      case "times" -> times = times(json);
      default -> json.skipChildren();
    }
  }

  private static List<Long> times(JsonParser json) throws BadFrame {
    expect(json.currentToken() == JsonToken.START_ARRAY, "times", "an array");
    var times = new ArrayList<Long>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      times.add(integer("times", json));
      if (times.size() > ItemTimes.NUMBERS * ItemTimes.MOST_ITEMS) {
        throw new BadFrame("a frame has the 'times' of more items than asked for");
      }
    }
    return times;
  }

  private static String text(String name, JsonParser json) throws BadFrame {
    expect(json.currentToken() == JsonToken.VALUE_STRING, name, "text");
    return json.getString();
  }

  private static long integer(String name, JsonParser json) throws BadFrame {
    expect(json.currentToken() == JsonToken.VALUE_NUMBER_INT, name, "an integer");
    return json.getLongValue();
  }

  private static double number(String name, JsonParser json) throws BadFrame {
    JsonToken token = json.currentToken();
    expect(token != null && token.isNumeric(), name, "a number");
    return json.getDoubleValue();
  }

  private static boolean truth(String name, JsonParser json) throws BadFrame {
    JsonToken token = json.currentToken();
    expect(token != null && token.isBoolean(), name, "true or false");
    return json.getBooleanValue();
  }

  private static void expect(boolean isSo, String name, String kind) throws BadFrame {
    if (!isSo) {
      throw new BadFrame("a frame's '" + name + "' is not " + kind);
    }
  }
}
