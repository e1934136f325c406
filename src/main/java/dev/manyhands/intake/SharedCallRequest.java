package dev.manyhands.intake;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /jobs/{id}/shared/{name}}: an operation on a shared object.
 *
 * @param arguments JSON values, as they were posted
 */
public record SharedCallRequest(String operation, List<byte[]> arguments) {
  /** As many as the keys and values of a whole dict. */
  private static final int MOST_ARGUMENTS = 2 * SharedObject.MOST_ENTRIES;

  private record Body(@JsonProperty("do") @Nullable String operation, @Nullable Verbatim args) {}

  /**
   * @throws Refusal if the body is no call
   */
  public static SharedCallRequest read(byte[] body, StrictJson json) {
    Body call = json.read(body, Body.class, "");
    if (call.operation() == null) {
      throw Refusal.malformed("/do", "is required: the operation, such as \"get\"");
    }
    return new SharedCallRequest(
        call.operation(), call.args() == null ? List.of() : arguments(call.args()));
  }

  private static List<byte[]> arguments(Verbatim args) {
    if (!args.isArray()) {
      throw Refusal.malformed("/args", "must be an array of arguments, such as [\"key\", 1]");
    }
    var all = new ArrayList<byte[]>();
    byte[] text = args.json().getBytes(StandardCharsets.UTF_8);
    var scanner = new JsonScanner(text, JsonLimits.STORED);
    scanner.expect('[');
    while (!scanner.take(']')) {
      if (!all.isEmpty()) {
        scanner.expect(',');
      }
      if (all.size() == MOST_ARGUMENTS) {
        throw Refusal.invalid("/args", "may be at most " + MOST_ARGUMENTS);
      }
      int from = scanner.valueOfAnySize();
      all.add(Arrays.copyOfRange(text, from, scanner.position()));
    }
    return all;
  }
}
