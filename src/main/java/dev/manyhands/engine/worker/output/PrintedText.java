package dev.manyhands.engine.worker.output;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.model.JobId;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that a worker writes to stderr, so that the worker never waits for a reader. Keeps its
 * last words and passes on its lines.
 */
public final class PrintedText implements Runnable {
  /** How long an unfinished line may take to be ended. It is shown as it is afterwards. */
  private static final int LINE_PATIENCE_MILLIS = 500;

  private static final int LOOK_MILLIS = 10;

  private final long worker;
  private final LogSink sink;
  private final Process process;
  private final ControlPage page;
  private final InputStream stderr;
  private final ChunkOwners owners;
  private final LastWords lastWords = new LastWords();
  private final PrintedLines lines;

  public PrintedText(Launch launch, Process process, ControlPage page, LogSink sink) {
    this.worker = launch.worker();
    this.sink = sink;
    this.process = process;
    this.page = page;
    this.stderr = process.getErrorStream();
    this.owners = new ChunkOwners(launch.job().id());
    this.lines = new PrintedLines(launch.worker(), owners, page, lastWords, sink);
  }

  /** Called before the order is sent to the worker. */
  public void sending(WorkerMessage order) {
    switch (order) {
      case WorkerMessage.Begin begin -> lastWords.forget();
      case WorkerMessage.Run run -> owners.add(run.chunk().number(), run.job().id());
      case WorkerMessage.Load load -> {}
      case WorkerMessage.Answer answer -> {}
      case WorkerMessage.End end -> {}
    }
  }

  public void note(JobId job, String text) {
    sink.print(new LogSink.Line(job, worker, LogSink.NO_ITEM, text));
  }

  /**
   * Returns the last words of the chunk that the worker runs, or those printed while it runs none.
   * Null if there are none.
   */
  public @Nullable String lastWords() {
    try {
      return lastWords.text(page.chunk());
    } catch (ControlPage.LostException cut) {
      return null; // it is not known which chunk that was
    }
  }

  @Override
  public void run() {
    var markers = new Markers(lines);
    byte[] buffer = new byte[8 << 10];
    try {
      int read;
      while ((read = read(buffer)) != -1) {
        markers.read(buffer, read);
      }
    } catch (IOException closed) {
      // The worker is gone, and no more text comes.
    }
    markers.end();
    lines.endLine();
  }

  private int read(byte[] buffer) throws IOException {
    if (lines.isInLine() && !awaitsMore()) {
      lines.endLine();
    }
    return stderr.read(buffer);
  }

  /**
   * Waits a short time for more text. Returns false if none has come, so that the line must be
   * ended. A read of the pipe itself would wait without a limit.
   */
  private boolean awaitsMore() throws IOException {
    try {
      for (int waited = 0; waited < LINE_PATIENCE_MILLIS; waited += LOOK_MILLIS) {
        if (stderr.available() > 0 || !process.isAlive()) {
          return true;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException nobodyDoes) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
