package dev.manyhands.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.support.TemporaryDirectories;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real worker process with the service's end of its pipes and control page in the hands of a
 * test. Every wait is for the thing itself and ends after {@link #PATIENCE_SECONDS}.
 */
final class WorkerProcess implements AutoCloseable {
  static final int ATTENTION = 1;
  static final int STOP = 2;
  static final int RECALL = 3;
  static final int CHUNK = 8;
  static final int ITEM = 9;
  static final int FIRST_THREAD = 16;

  private static final int PATIENCE_SECONDS = 60;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(1 << 20).build())
                  .build())
          .build();

  /** A frame from the worker: a header, and the text of the body or an empty one. */
  record Frame(JsonNode header, String body, int bytes) {
    String op() {
      return header.path("op").asString();
    }

    boolean isCombined() {
      return header.path("combined").asBoolean(false);
    }

    /** How many results are in the partial. */
    int combined() {
      return JSON.readTree(body).get(0).asInt();
    }
  }

  /**
   * All frames that answer one chunk, put together.
   *
   * @param values their values, and in the place of those of a combined frame its partial
   */
  record Answer(List<Frame> frames, String values, List<JsonNode> errors, long returnedFrom) {
    JsonNode error(long index) {
      return errors.stream()
          .filter(error -> error.path("index").asLong() == index)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no error for " + index + " in " + errors));
    }
  }

  private final Process process;
  private final DataOutputStream down;
  private final MappedByteBuffer page;
  private final Path directory;

  /** Reports that came before a call. */
  private final Deque<Frame> early = new ArrayDeque<>();

  private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();

  private WorkerProcess(Process process, MappedByteBuffer page, Path directory) {
    this.process = process;
    this.page = page;
    this.directory = directory;
    this.down = new DataOutputStream(process.getOutputStream());
    Thread.ofVirtual().start(this::readFrames);
  }

  static WorkerProcess start(List<String> command) throws IOException {
    Path directory = TemporaryDirectories.make("worker");
    return start(command, directory, directory, null);
  }

  /** Starts a worker of a job whose values and locks are in this file. */
  static WorkerProcess startSharing(List<String> command, Path shared) throws IOException {
    Path directory = TemporaryDirectories.make("worker");
    return start(command, directory, directory, shared);
  }

  /** Starts a worker whose {@code TMPDIR} is another directory. */
  static WorkerProcess start(List<String> command, Path home) throws IOException {
    return start(command, TemporaryDirectories.make("worker"), home, null);
  }

  private static WorkerProcess start(
      List<String> command, Path directory, Path home, @Nullable Path shared) throws IOException {
    Path control = directory.resolve("control");
    Files.write(control, new byte[4096]);
    MappedByteBuffer page;
    try (var file = FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      page = file.map(MapMode.READ_WRITE, 0, 4096);
    }
    page.order(ByteOrder.nativeOrder());
    page.putLong(0, 1);
    var builder = new ProcessBuilder(command);
    builder.redirectError(directory.resolve("stderr").toFile());
    builder.environment().put("MANYHANDS_PROTOCOL", "1");
    builder.environment().put("MANYHANDS_CONTROL", control.toString());
    builder.environment().put("TMPDIR", home.toString());
    if (shared != null) {
      builder.environment().put("MANYHANDS_SHARED", shared.toString());
    }
    return new WorkerProcess(builder.start(), page, directory);
  }

  private void readFrames() {
    try (var up = new DataInputStream(process.getInputStream())) {
      while (true) {
        byte[] payload = up.readNBytes(up.readInt());
        String text = new String(payload, UTF_8);
        int end = text.indexOf('\n');
        JsonNode header = JSON.readTree(end < 0 ? text : text.substring(0, end));
        frames.add(new Frame(header, end < 0 ? "" : text.substring(end + 1), payload.length));
      }
    } catch (IOException e) {
      // The worker has ended; a test that waits for more frames reports this.
    }
  }

  void send(String header) {
    sendPayload(header);
  }

  void send(String header, String body) {
    sendPayload(header + "\n" + body);
  }

  private void sendPayload(String payload) {
    byte[] bytes = payload.getBytes(UTF_8);
    try {
      down.writeInt(bytes.length);
      down.write(bytes);
      down.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the worker has ended: " + stderr(), e);
    }
  }

  void sendChunk(long chunk, long first, int count, String items) {
    send(
        "{\"op\":\"chunk\",\"chunk\":%d,\"first\":%d,\"count\":%d,\"later\":{}}"
            .formatted(chunk, first, count),
        items);
  }

  Frame next() {
    return early.isEmpty() ? poll() : early.removeFirst();
  }

  /** Takes the next call to a shared object. A worker may report items before, if it is late. */
  Frame nextCall() {
    Frame frame = poll();
    while (frame.op().equals("outcomes")) {
      early.addLast(frame);
      frame = poll();
    }
    assertThat(frame.op()).as(frame.toString()).isEqualTo("shared");
    return frame;
  }

  private Frame poll() {
    try {
      Frame frame = frames.poll(PATIENCE_SECONDS, SECONDS);
      if (frame == null) {
        throw new AssertionError("no frame came; stderr: " + stderr());
      }
      return frame;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes frames up to the end of a chunk, and checks that they cover it without a gap. */
  Answer answer(long chunk, long first) {
    var taken = new ArrayList<Frame>();
    var errors = new ArrayList<JsonNode>();
    var values = new StringBuilder("[");
    long covered = first;
    while (true) {
      Frame frame = next();
      taken.add(frame);
      if (frame.header().path("chunk").asLong() != chunk
          || frame.header().path("first").asLong() != covered) {
        throw new AssertionError("expected item " + covered + " of " + chunk + ": " + frame);
      }
      if (frame.op().equals("returned")) {
        return new Answer(taken, values.append(']').toString(), errors, covered);
      }
      int count = frame.header().path("count").asInt();
      String body = frame.body();
      if (!frame.isCombined()) {
        if (JSON.readTree(body).size() != count) {
          throw new AssertionError("not " + count + " values: " + frame);
        }
        body = body.substring(1, body.length() - 1);
      } else if (frame.combined() != count - frame.header().path("errors").size()) {
        throw new AssertionError("a partial of " + frame.combined() + " results: " + frame);
      }
      if (count > 0) {
        values.append(values.length() > 1 ? "," : "").append(body);
      }
      for (JsonNode error : frame.header().path("errors")) {
        long index = error.path("index").asLong();
        if (index < covered || index >= covered + count) {
          throw new AssertionError("an error of item " + index + ": " + frame);
        }
        errors.add(error);
      }
      covered += count;
      if (frame.header().path("last").asBoolean()) {
        return new Answer(taken, values.append(']').toString(), errors, -1);
      }
    }
  }

  Answer run(long chunk, long first, String items) {
    sendChunk(chunk, first, JSON.readTree(items).size(), items);
    return answer(chunk, first);
  }

  long word(int index) {
    return page.getLong(index * Long.BYTES);
  }

  void word(int index, long value) {
    page.putLong(index * Long.BYTES, value);
  }

  void awaitWord(int index, long value) {
    long deadline = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
    while (word(index) != value) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new AssertionError("word " + index + " is " + word(index) + "; " + stderr());
      }
      Thread.onSpinWait();
    }
  }

  /** Waits until the threads of the worker run just these items. */
  void awaitRunning(Long... items) {
    long deadline = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
    while (!running().equals(Set.of(items))) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new AssertionError(running() + " are run; " + stderr());
      }
      Thread.onSpinWait();
    }
  }

  /** The items that words 16 and up name. */
  Set<Long> running() {
    var items = new HashSet<Long>();
    for (int word = FIRST_THREAD; word < 512; word++) {
      if (word(word) != -1) {
        items.add(word(word));
      }
    }
    return items;
  }

  /** Makes a file in the scratch directory that a function waits for. */
  void touch(String name) throws IOException {
    Files.createFile(directory.resolve(name));
  }

  /** Ends the worker's input, as the service does when it has no more work. */
  void closeInput() throws IOException {
    down.close();
  }

  /** Kills the worker, as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
    exitCode();
  }

  int exitCode() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, SECONDS)) {
        throw new AssertionError("the worker does not end; stderr: " + stderr());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String stderr() {
    try {
      return Files.readString(directory.resolve("stderr"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    exitCode();
    TemporaryDirectories.delete(directory);
  }
}
