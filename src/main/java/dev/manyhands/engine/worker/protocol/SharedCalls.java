package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.shared.DescribedObject;
import dev.manyhands.engine.shared.SharedAnswer;
import dev.manyhands.engine.shared.SharedCall;
import dev.manyhands.engine.shared.SharedSet;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.model.Job;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The calls of one worker to the shared objects of its jobs. All its jobs have one set of objects,
 * so that the worker reaches no other objects. Calls come from the receiver; all else may come from
 * any thread.
 */
public final class SharedCalls {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_WAITING = 4_096;

  /** The chunk of calls by threads that run no item. */
  private static final long NO_CHUNK = 0;

  private final long worker;
  private final SharedSet set;
  private final Consumer<WorkerMessage.Answer> later;

  /** Calls that wait for their answer. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** Chunks up to this number are to stop. Chunks of later jobs have higher numbers. */
  private volatile long stoppedThrough = -1;

  /**
   * Whether the job was stopped. Calls of threads that run no item, with chunk 0, are then, too.
   */
  private volatile boolean isStopped;

  /**
   * @param later takes answers to calls that had to wait; must not block
   */
  public SharedCalls(long worker, SharedSet set, Consumer<WorkerMessage.Answer> later) {
    this.worker = worker;
    this.set = set;
    this.later = later;
  }

  /** Notes the job that the worker serves from now on. */
  void begin(Job job) {
    set.serve(worker, job.id());
    isStopped = false;
  }

  /** Returns the member of the {@code job} frame that describes the objects. */
  Map<String, Object> described() {
    var objects = new LinkedHashMap<String, Object>();
    for (DescribedObject object : set.described()) {
      var members = new LinkedHashMap<String, Object>();
      members.put("kind", object.kind());
      if (object.form() != null) {
        members.put("type", object.form());
      }
      if (object.word() != null) {
        members.put("word", object.word());
      }
      if (object.size() != null) {
        members.put("size", object.size());
      }
      objects.put(object.name(), members);
    }
    return Map.of("worker", worker, "objects", objects);
  }

  /**
   * Makes the call of a frame.
   *
   * @return the answer; null if the call waits
   */
  @Nullable SharedAnswer call(FrameHeader header, byte[] frame, int headerEnd) throws BadFrame {
    long number = FrameClaims.need(header.call, "call");
    long chunk = header.chunk == null ? NO_CHUNK : header.chunk;
    var call =
        new SharedCall(
            FrameClaims.text(header.object, ""),
            FrameClaims.text(header.operation, ""),
            arguments(header.count, frame, headerEnd),
            header.patience);
    if (waiting.get() >= MOST_WAITING) {
      throw new BadFrame("more than " + MOST_WAITING + " calls to shared objects wait");
    }
    waiting.incrementAndGet();
    SharedAnswer answer =
        set.call(
            worker,
            chunk,
            call,
            late -> {
              waiting.decrementAndGet();
              later.accept(new WorkerMessage.Answer(number, late));
            });
    if (answer != null) {
      waiting.decrementAndGet();
    } else if (chunk == NO_CHUNK ? isStopped : chunk <= stoppedThrough) {
      set.stop(worker, stoppedThrough); // the stop came between the worker's look and its call
    }
    return answer;
  }

  private static List<byte[]> arguments(@Nullable Long count, byte[] frame, int headerEnd)
      throws BadFrame {
    if (count == null || count == 0) {
      return List.of();
    }
    // Each argument takes at least one byte.
    if (count < 0 || count > frame.length) {
      throw new BadFrame("a call with " + count + " arguments");
    }
    var scanner = new JsonScanner(frame, headerEnd, frame.length, FrameChannel.RESULT_LIMITS);
    var arguments = new ArrayList<byte[]>();
    scanner.expect('[');
    for (long i = 0; i < count; i++) {
      if (i > 0) {
        scanner.expect(',');
      }
      int from = scanner.value();
      arguments.add(Arrays.copyOfRange(frame, from, scanner.position()));
    }
    scanner.expect(']');
    scanner.expectEnd();
    return arguments;
  }

  /** Ends the waits of these chunks: they are to stop. */
  void stop(long throughChunk) {
    stoppedThrough = throughChunk;
    isStopped = true;
    set.stop(worker, throughChunk);
  }

  /** Notes changes that the worker has made in the page, before its outcomes are passed on. */
  void look() {
    set.look();
  }

  /** Gives back what the worker held: its process has ended. */
  void leave() {
    set.leave(worker);
  }

  /** Returns the header of the frame with an answer. */
  static byte[] header(long call, SharedAnswer answer) {
    var text = new StringBuilder("{\"op\":\"shared\",\"call\":").append(call);
    if (answer.missing()) {
      text.append(",\"missing\":true");
    }
    if (answer.late()) {
      text.append(",\"late\":true");
    }
    if (answer.error() != null) {
      text.append(",\"error\":").append(JSON.writeValueAsString(answer.error()));
      text.append(",\"message\":").append(JSON.writeValueAsString(answer.message()));
    }
    return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the body of the frame with an answer; empty for none. */
  static byte[][] body(SharedAnswer answer) {
    byte[] value = answer.value();
    return value == null ? new byte[0][] : new byte[][] {value};
  }
}
