package dev.manyhands.model;

import dev.manyhands.support.TextBytes;
import java.util.Map;

/** The text of a job's spec, as far as its length counts. */
public final class SpecText {
  private SpecText() {}

  /** Returns the bytes of memory that the text takes, without the text of the function. */
  public static long bytes(JobSpec spec) {
    long bytes =
        TextBytes.of(spec.name()) + TextBytes.of(spec.description()) + TextBytes.of(spec.common());
    bytes += spec.initializer() == null ? 0 : spec.initializer().textBytes();
    bytes += spec.stopWhen() == null ? 0 : TextBytes.of(spec.stopWhen().equals());
    bytes += spec.inputs() instanceof Inputs.Repeat repeat ? TextBytes.of(repeat.value()) : 0;
    Callback callback = spec.callback();
    bytes += callback == null ? 0 : TextBytes.of(callback.url()) + TextBytes.of(callback.secret());
    for (Map.Entry<String, String> label : spec.labels().entrySet()) {
      bytes += TextBytes.of(label.getKey()) + TextBytes.of(label.getValue());
    }
    for (Map.Entry<String, SharedObject> object : spec.shared().entrySet()) {
      bytes += TextBytes.of(object.getKey()) + object.getValue().textBytes();
    }
    bytes += spec.sharedSet() == null ? 0 : TextBytes.of(spec.sharedSet().name());
    return bytes;
  }
}
