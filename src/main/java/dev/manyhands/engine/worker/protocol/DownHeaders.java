package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.support.Word;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.RawValue;

/** The headers of the frames that prepare a worker: {@code load} and {@code job}. */
final class DownHeaders {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DownHeaders() {}

  static byte[] ofLoad(JobSpec spec, RuntimeAdapter adapter, ChannelLimits limits) {
    var header = new LinkedHashMap<String, Object>();
    header.put("op", "load");
    header.put("runtime", adapter.runtime().label());
    header.putAll(adapter.loadMembers(spec.function().definition()));
    putInitializer(spec.initializer(), header);
    header.put("maxResultBytes", limits.maxResultBytes());
    header.put("maxFrameBytes", limits.maxFrameBytes());
    return JSON.writeValueAsBytes(header);
  }

  private static void putInitializer(
      @Nullable Initializer initializer, Map<String, Object> header) {
    if (initializer != null) {
      var members = new LinkedHashMap<String, Object>();
      members.put("entry", initializer.entry());
      members.put("args", new RawValue(ascii(initializer.args())));
      header.put("initializer", members);
    }
  }

  static byte[] ofJob(Job job, @Nullable SharedCalls shared) {
    var spec = job.spec();
    var header = new LinkedHashMap<String, Object>();
    header.put("op", "job");
    header.put("job", job.id().toString());
    header.put("call", Word.of(spec.call()));
    if (spec.seed() != null) {
      header.put("seed", spec.seed());
    }
    if (spec.trace() != null) {
      header.put("traceparent", spec.trace().traceparent());
    }
    if (spec.threads() > 1) {
      header.put("threads", spec.threads());
    }
    if (ItemTimes.areWanted(spec)) {
      header.put("times", true);
    }
    if (spec.nonFinite() != JobSpec.NonFinite.ERROR) {
      header.put("nonFinite", Word.of(spec.nonFinite()));
    }
    if (spec.values() != JobSpec.Values.JSON) {
      header.put("values", Word.of(spec.values()));
    }
    String reduction = ReportForm.reductionFor(spec);
    if (reduction != null) {
      header.put("reduce", reduction);
    }
    if (ReportForm.isApart(spec)) {
      header.put("apart", true);
    }
    var match = ReportForm.matchFor(spec);
    if (match != null) {
      header.put("match", Word.of(match));
    }
    if (spec.stopWhen() != null && spec.stopWhen().equals() != null) {
      // The text is as the user wrote it, because reading it would round its numbers.
      header.put("equals", new RawValue(ascii(spec.stopWhen().equals())));
    }
    if (shared != null) {
      header.put("shared", shared.described());
    }
    return JSON.writeValueAsBytes(header);
  }

  /**
   * Returns the JSON with escapes for all characters beyond ASCII. Half a surrogate pair has no
   * UTF-8 form.
   */
  private static String ascii(String json) {
    var ascii = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      ascii.append(c < 0x80 ? Character.toString(c) : "\\u%04x".formatted((int) c));
    }
    return ascii.toString();
  }
}
