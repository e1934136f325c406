package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonScanner;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The form of items and results in the lines of a command. */
enum LineForm {
  /** The JSON of an item, and of a result. */
  VALUES {
    @Override
    @Nullable String write(ByteArrayOutputStream lines, long index, byte[] json, int from, int to) {
      writeInOneLine(lines, json, from, to);
      return null;
    }

    @Override
    Answer read(byte[] line) {
      try {
        var scanner = new JsonScanner(line, FrameChannel.RESULT_LIMITS);
        int start = scanner.value();
        int end = scanner.position();
        scanner.expectEnd();
        return new Answer.Value(UNKNOWN, Arrays.copyOfRange(line, start, end));
      } catch (JsonException e) {
        String problem = "the command must write one JSON value a line: " + e.detail();
        return new Answer.None(UNKNOWN, "NotJson", problem);
      }
    }
  },

  /** {@code {"index": n, "item": …}}, and {@code {"index": n, "value": …}}. */
  INDEXED {
    @Override
    @Nullable String write(ByteArrayOutputStream lines, long index, byte[] json, int from, int to) {
      lines.writeBytes(("{\"index\":" + index + ",\"item\":").getBytes(StandardCharsets.US_ASCII));
      writeInOneLine(lines, json, from, to);
      lines.write('}');
      return null;
    }

    @Override
    Answer read(byte[] line) {
      long index = UNKNOWN;
      byte @Nullable [] value = null;
      try {
        var scanner = new JsonScanner(line, FrameChannel.RESULT_LIMITS);
        scanner.expect('{');
        do {
          String name = text(line, scanner);
          scanner.expect(':');
          if (name.equals("\"index\"")) {
            index = Long.parseLong(text(line, scanner));
          } else {
            int start = scanner.value();
            int end = scanner.position();
            value = name.equals("\"value\"") ? Arrays.copyOfRange(line, start, end) : value;
          }
        } while (scanner.take(','));
        scanner.expect('}');
        scanner.expectEnd();
      } catch (JsonException | NumberFormatException printed) {
        return new Answer.Stray();
      }
      if (index < 0) {
        return new Answer.Stray();
      }
      return value == null
          ? new Answer.None(index, "NoValue", "the answer of the command has no member 'value'")
          : new Answer.Value(index, value);
    }

    private static String text(byte[] line, JsonScanner scanner) {
      int start = scanner.value();
      return new String(line, start, scanner.position() - start, StandardCharsets.UTF_8);
    }
  },

  /** A string without quotes or escapes. An item may also be a number. */
  TEXT {
    @Override
    @Nullable String write(ByteArrayOutputStream lines, long index, byte[] json, int from, int to) {
      if (json[from] == '-' || Character.isDigit(json[from])) {
        lines.write(json, from, to - from);
        return null;
      }
      if (json[from] != '"') {
        return "an item for the protocol 'text' must be a string or a number; use the protocol"
            + " 'lines' for other values";
      }
      try {
        String text = JSON.readValue(json, from, to - from, String.class);
        if (text.indexOf('\n') >= 0) {
          return "an item for the protocol 'text' must have no line feed, as it is one line; use the"
              + " protocol 'lines', where a line feed is written \\n";
        }
        if (StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
          lines.writeBytes(text.getBytes(StandardCharsets.UTF_8));
          return null;
        }
      } catch (JacksonException e) {
        return "an item for the protocol 'text' cannot be read: " + e.getOriginalMessage();
      }
      return "an item for the protocol 'text' must have a form in UTF-8, which half a surrogate"
          + " pair has not; use the protocol 'lines'";
    }

    @Override
    Answer read(byte[] line) {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        return new Answer.Value(UNKNOWN, JSON.writeValueAsBytes(text));
      } catch (CharacterCodingException e) {
        return new Answer.None(UNKNOWN, "NotText", "the line that the command wrote is not UTF-8");
      }
    }
  };

  /** The index of a line that does not name its item. */
  static final long UNKNOWN = -1;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The meaning of a line of the command. */
  sealed interface Answer {
    record Value(long index, byte[] json) implements Answer {}

    /** An answer without a usable value. */
    record None(long index, String type, String problem) implements Answer {
      ItemError error(long item, String line) {
        return new ItemError(item, ItemError.Kind.UNSERIALIZABLE, type, problem, line, 1);
      }
    }

    static Answer tooLong(long index, int most) {
      return new None(index, "TooLong", "the result is longer than " + most + " bytes");
    }

    /** A line that is no answer, and cannot be mistaken for one. */
    record Stray() implements Answer {}

    /** Returns the item that the line names; {@link #UNKNOWN} for none. */
    default long named() {
      return switch (this) {
        case Value value -> value.index;
        case None none -> none.index;
        case Stray stray -> UNKNOWN;
      };
    }
  }

  static LineForm of(FunctionDefinition.Command command) {
    if (command.indexed()) {
      return INDEXED;
    }
    return command.protocol() == Protocol.TEXT ? TEXT : VALUES;
  }

  /**
   * Writes the line of an item for the command, without its line feed.
   *
   * @return in words why the item has no such line; null if it was written
   */
  abstract @Nullable String write(
      ByteArrayOutputStream lines, long index, byte[] json, int from, int to);

  /** Parses a line, which has no line feed. */
  abstract Answer read(byte[] line);

  /** Writes JSON in one line. Line feeds in JSON are white space, and become spaces. */
  private static void writeInOneLine(ByteArrayOutputStream lines, byte[] json, int from, int to) {
    int piece = from;
    for (int i = from; i < to; i++) {
      if (json[i] == '\n' || json[i] == '\r') {
        lines.write(json, piece, i - piece);
        lines.write(' ');
        piece = i + 1;
      }
    }
    lines.write(json, piece, to - piece);
  }
}
