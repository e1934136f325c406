package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Outcomes;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/**
 * An {@link Action} as one line of text. The text names each value by hand, so that a renamed class
 * or component leaves it as it is.
 */
final class ActionText {

  private ActionText() {}

  static String of(Action action) {
    return switch (action) {
      case Action.Dispatch dispatch -> {
        var chunk = dispatch.chunk();
        yield line(
            "dispatch",
            dispatch.slot(),
            chunk.number(),
            chunk.job(),
            chunk.version(),
            chunk.items(),
            chunk.attempt(),
            dispatch.job().spec().priority(),
            dispatch.job().spec().workers(),
            dispatch.alone());
      }
      case Action.Recall recall -> line("recall", recall.slot(), recall.fromChunk());
      case Action.Stop stop -> line("stop", stop.slot());
      case Action.LookUp lookUp ->
          line("look up", lookUp.job().id(), lookUp.version(), lookUp.items());
      case Action.NoteStart start -> line("start", start.job(), start.version(), start.at());
      case Action.RecordOutcomes write -> {
        var report = write.report();
        yield line(
            "record",
            write.job(),
            write.version(),
            of(report.outcomes()),
            report.worker(),
            report.pid(),
            report.startedAt(),
            report.finishedAt(),
            report.attempt());
      }
      case Action.CancelItems cancel ->
          line("cancel", cancel.job(), cancel.version(), cancel.items(), cancel.answer());
      case Action.NotCancelled not ->
          line("not cancelled", not.request(), not.why() == Cancellation.Result.TOO_MANY);
      case Action.Finish finish ->
          line("finish", finish.job(), finish.version(), of(finish.status()));
      case Action.Publish publish -> line("publish", publish.job(), of(publish.status()));
    };
  }

  private static String of(Outcomes outcomes) {
    var errors = outcomes.errors().stream().map(ActionText::of).toList();
    String values = new String(outcomes.values(), StandardCharsets.UTF_8);
    return line(outcomes.items(), outcomes.matched(), values, errors);
  }

  private static String of(ItemError error) {
    return line(error.index(), error.kind(), error.type(), error.message(), error.attempts());
  }

  private static String of(JobStatus status) {
    var tally = status.tally();
    var sizes = status.chunkSizes();
    var error = status.error();
    return line(
        status.state(),
        status.startedAt(),
        status.finishedAt(),
        tally.total(),
        tally.succeeded(),
        tally.failed(),
        tally.skipped(),
        tally.chunks(),
        tally.matched(),
        tally.cached(),
        status.inputsOpen(),
        status.chunksRunning(),
        status.workersUsed(),
        status.stopReason(),
        error == null ? null : error.kind() + ": " + error.message(),
        sizes.least(),
        sizes.most(),
        new TreeMap<>(sizes.chunks()));
  }

  private static String line(Object... values) {
    var text = new StringBuilder();
    for (Object value : values) {
      text.append(text.isEmpty() ? "" : " ").append(value);
    }
    return text.toString();
  }
}
