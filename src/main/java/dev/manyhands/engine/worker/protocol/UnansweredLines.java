package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.CommandSilence;
import dev.manyhands.support.ShortText;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts the lines that a command has written before its first answer, and keeps the first line.
 * Explains the silence if no answer comes. Written by the receiver's thread, readable by any.
 */
final class UnansweredLines {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int SHOWN = 80;

  private static final Seen NOTHING = new Seen(false, 0, "");
  private static final Seen ANSWER = new Seen(true, 0, "");

  private volatile Seen seen = NOTHING;

  /**
   * The lines before the first answer.
   *
   * @param first the first line; empty when there is none
   */
  private record Seen(boolean answered, long lines, String first) {}

  void answer() {
    if (!seen.answered) {
      seen = ANSWER;
    }
  }

  void stray(String line) {
    Seen before = seen;
    if (!before.answered) {
      seen =
          new Seen(
              false,
              before.lines + 1,
              before.lines == 0 ? ShortText.of(line, SHOWN) : before.first);
    }
  }

  /**
   * Returns an explanation for the user; empty once there was an answer.
   *
   * @param hasPrinted whether the command wrote to stderr, which explains more than a guess
   */
  String text(boolean hasPrinted) {
    Seen now = seen;
    if (now.answered) {
      return "";
    }
    if (now.lines == 0 && hasPrinted) {
      return "the command has answered nothing since it was started, and has written to stderr:"
          + " 'traceback' has the last of it";
    }
    if (now.lines == 0) {
      return "the command has answered nothing since it was started: if its items do not take that"
          + " long, "
          + CommandSilence.MEND
          + ", and end each line with a line feed";
    }
    return "the command has written "
        + (now.lines == 1 ? "1 line" : now.lines + " lines")
        + " and no answer: with \"indexed\" an answer is {\"index\": n, \"value\": …} with the index of"
        + " its item, and the first line was "
        + JSON.writeValueAsString(now.first);
  }
}
