package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.FrameChannel;
import dev.manyhands.engine.worker.protocol.LineChannel;
import dev.manyhands.engine.worker.protocol.SharedCalls;
import dev.manyhands.engine.worker.protocol.WorkerChannel;
import java.util.function.Consumer;

/** Makes the channels of workers. */
record Channels(RuntimeAdapters adapters, WorkerSettings settings, LogSink printed) {

  /** Returns the channel of a worker whose process was just started. */
  WorkerChannel of(
      Launch launch,
      Process process,
      WorkerFiles files,
      ItemSource inputs,
      Consumer<WorkerEvent> events) {
    if (launch.definition().speaksLines()) {
      return new LineChannel(launch, process, files.page(), inputs, printed, settings, events);
    }
    var shared = files.shared();
    return new FrameChannel(
        launch.worker(),
        FrameChannel.Pipes.of(process),
        adapters.of(launch.definition()),
        inputs,
        settings,
        shared == null ? null : new SharedCalls(launch.worker(), shared, launch.orders()::addFirst),
        events);
  }
}
