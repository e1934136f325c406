package dev.manyhands.harness;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The main class of a Java worker process. Answers frames until there are no more. */
public final class WorkerMain {
  private static final int MIB = 1 << 20;
  private static final int INTERNAL_ERROR = 70;

  private final FrameChannel channel;
  private final ControlPage page;
  private @Nullable ChunkRunner runner;
  private ItemContext context;
  private int threads = 1;
  private int maxFrameBytes;

  /** Reads all frames, from the first job with shared objects on; null before. */
  private @Nullable Calls calls;

  /** The shared objects of the last job that had some, and their description. */
  private @Nullable JobObjects shared;

  private @Nullable Object described;

  /** The frame that the thread of an ended job has read; null at the end. */
  private @Nullable Frame next;

  /** The exception that ended the thread of a job; null if none did. */
  private @Nullable Throwable fault;

  private WorkerMain(FrameChannel channel, ControlPage page) {
    this.channel = channel;
    this.page = page;
    this.context = new ItemContext(page, Map.of(), null, null, null);
  }

  /**
   * Runs the worker. The process ends when the service closes the pipe, even if user code still
   * runs.
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    // Reflection by method handle is faster once it is warm, but warming up takes 30 ms.
    System.setProperty("jdk.reflect.useNativeAccessorOnly", "true");
    try {
      FrameChannel channel = FrameChannel.takeOver();
      ControlPage page = ControlPage.map(System.getenv("MANYHANDS_CONTROL"));
      MarkedOutput.install(page);
      new WorkerMain(channel, page).serve();
    } catch (IOException e) {
      // The service is gone.
    } catch (Throwable e) {
      endForABug(e);
    }
    leave();
  }

  /** Ends the process, because there is no more work. */
  @SuppressWarnings("SystemOut")
  static void leave() {
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Ends the process. Called by any thread that cannot continue. */
  @SuppressWarnings("SystemOut")
  static void endForABug(Throwable bug) {
    try {
      bug.printStackTrace();
      System.out.flush();
    } finally {
      Runtime.getRuntime().halt(INTERNAL_ERROR);
    }
  }

  private void serve() throws IOException {
    String version = System.getProperty("java.version");
    // Joined without +, whose first use costs more than all the rest of the start.
    send("{\"op\":\"ready\",\"protocol\":1,\"runtime\":\"java ".concat(version).concat("\"}"));
    Frame frame = receive();
    while (frame != null) {
      String op = frame.text("op");
      ChunkRunner current = runner;
      if ("load".equals(op)) {
        load(frame);
      } else if (current == null) {
        // The function did not load: the job has failed, and there is nothing to answer.
      } else if ("job".equals(op)) {
        serveInThread(current, frame);
        frame = next;
        continue;
      }
      frame = receive();
    }
  }

  /** Returns the next frame; null when the service is gone or has no more work. */
  private @Nullable Frame receive() {
    Calls reading = calls;
    return reading == null ? channel.receive() : reading.receive();
  }

  /**
   * Runs the job's chunks in a thread of its own, so that anything that items leave on the thread
   * ends with the job.
   */
  @SuppressWarnings("ThreadJoinLoop") // it is in a loop
  private void serveInThread(ChunkRunner current, Frame job) throws IOException {
    Thread thread = current.jobThread(new Job(current, job));
    thread.start();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // Caused by user code that interrupts a thread of the harness.
      }
    }
    Throwable ended = fault;
    if (ended instanceof IOException gone) {
      throw gone;
    }
    if (ended != null) {
      endForABug(ended);
    }
  }

  /** Serves one job. No lambda, because the first lambda would take longer than a short job. */
  private final class Job implements Runnable {
    private final ChunkRunner current;
    private final Frame job;

    Job(ChunkRunner current, Frame job) {
      this.current = current;
      this.job = job;
    }

    @Override
    public void run() {
      ItemThreads.Own.begin(ItemThreads.Own.ALONE);
      serveJob(current, job);
    }
  }

  /**
   * Runs the chunks of a job, up to the frame of the next job. This frame is left in {@link #next}.
   */
  private void serveJob(ChunkRunner current, Frame job) {
    try {
      current.beginJob(
          job.text("reduce"),
          job.text("match"),
          NonFinite.of(job.text("nonFinite")),
          job.truth("times"));
      beginJob(job);
      Frame frame = receive();
      while (frame != null && !"job".equals(frame.text("op"))) {
        if (runner != null && "chunk".equals(frame.text("op"))) {
          current.run(frame, context, threads);
        }
        frame = receive();
      }
      if (frame != null) {
        current.awaitAnswers();
      }
      next = frame;
    } catch (Throwable ended) {
      fault = ended;
    }
  }

  private void load(Frame frame) throws IOException {
    maxFrameBytes = limit(frame, "maxFrameBytes", 64 * MIB);
    int maxResultBytes = limit(frame, "maxResultBytes", 16 * MIB);
    FunctionLoader.Loaded loaded;
    boolean inInitializer = false;
    try {
      loaded = FunctionLoader.load(frame.text("class"), frame.text("jar"));
      if (frame.header().get("initializer") instanceof Map<?, ?> initializer) {
        inInitializer = true;
        FunctionLoader.initialize(
            loaded.function().getClass(),
            String.valueOf(initializer.get("entry")),
            initializer.get("args") instanceof List<?> args ? args : List.of());
      }
    } catch (Throwable e) {
      sendFailed(Failure.of(e), inInitializer);
      return;
    }
    Outcomes outcomes = new Outcomes(channel, maxResultBytes, maxFrameBytes);
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    runner = new ChunkRunner(loaded, loader, page, outcomes);
    send("{\"op\":\"loaded\"}");
  }

  private void beginJob(Frame frame) throws IOException {
    Number wanted = frame.number("threads");
    long asked = wanted == null ? 1 : wanted.longValue();
    if (asked < 1 || asked > ControlPage.MAX_THREADS) {
      runner = null;
      String message =
          "threads is "
              + wanted
              + ", and a worker runs 1 to "
              + ControlPage.MAX_THREADS
              + " items at a time; ask for fewer";
      sendFailed(new Failure("ERROR", "java.lang.IllegalArgumentException", message, null), false);
      return;
    }
    threads = (int) asked;
    JobObjects objects = null;
    if (frame.header().get("shared") instanceof Map<?, ?> description) {
      try {
        objects = share(description, NonFinite.of(frame.text("nonFinite")));
      } catch (IOException e) { // the page cannot be mapped
        runner = null;
        sendFailed(Failure.of(e), false);
        return;
      }
    }
    context = new ItemContext(page, common(frame), seed(frame), frame.text("traceparent"), objects);
  }

  /** Returns the shared objects of the job, which may be the job before. */
  private JobObjects share(Map<?, ?> description, NonFinite nonFinite) throws IOException {
    JobObjects known = shared;
    if (known != null && description.equals(described)) {
      return known;
    }
    Calls reading = calls == null ? Calls.over(channel) : calls;
    calls = reading;
    String path = System.getenv("MANYHANDS_SHARED");
    JobObjects objects = new JobObjects(description, reading, nonFinite, maxFrameBytes, path);
    described = description;
    shared = objects;
    return objects;
  }

  private void sendFailed(Failure failure, boolean inInitializer) throws IOException {
    JsonWriter json = new JsonWriter(MIB);
    try {
      json.ascii("    {\"op\":\"failed\",");
      if (inInitializer) {
        json.ascii("\"initializer\":true,");
      }
      failure.writeTo(json);
      json.put('}');
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
    channel.send(json);
  }

  private void send(String header) throws IOException {
    JsonWriter json = new JsonWriter(MIB);
    try {
      json.ascii("    ");
      json.ascii(header);
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
    channel.send(json);
  }

  private static int limit(Frame frame, String member, int otherwise) {
    Number limit = frame.number(member);
    return limit == null ? otherwise : (int) Math.min(limit.longValue(), Integer.MAX_VALUE - 8);
  }

  private static @Nullable Long seed(Frame frame) {
    Number seed = frame.number("seed");
    return seed == null ? null : (Long) seed.longValue();
  }

  @SuppressWarnings("unchecked") // names in JSON objects are strings
  private static Map<String, @Nullable Object> common(Frame frame) {
    if (frame.hasBody()
        && JsonReader.read(frame.payload(), frame.bodyStart()) instanceof Map<?, ?> common) {
      return Collections.unmodifiableMap((Map<String, @Nullable Object>) common);
    }
    return Map.of();
  }
}
