package dev.manyhands.engine.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.SharedStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames about shared objects, in both directions. */
class SharedCallsTest {
  private static final SharedStore NOTHING_STORED =
      new SharedStore() {
        @Override
        public List<Entry> read(SharedSetId job) {
          return List.of();
        }

        @Override
        public CompletableFuture<Void> write(
            SharedSetId job, long bytes, Supplier<List<Change>> changes) {
          changes.get();
          return CompletableFuture.completedFuture(null);
        }
      };

  @TempDir private Path pages;

  private final ByteArrayOutputStream down = new ByteArrayOutputStream();
  private final List<WorkerMessage.Answer> later = new ArrayList<>();
  private Job job;
  private SharedCalls calls;

  @BeforeEach
  void begin() {
    var shared = new LinkedHashMap<String, SharedObject>();
    shared.put("seen", new SharedObject(SharedKind.DICT, "{}", null));
    shared.put("todo", new SharedObject(SharedKind.QUEUE, "[]", 3L));
    shared.put("gate", new SharedObject(SharedKind.LOCK, "null", null));
    shared.put("half", new SharedObject(SharedKind.VALUE, "0.5", null));
    var function = new Function("f", "sha256:0", new Python("def f(x): return x", "f"));
    var spec = JobSpec.builder(function, new Inputs.Listed(1)).shared(shared).build();
    job = new Job(new JobId(new UUID(1, 2)), spec, Instant.EPOCH, JobStatus.queued(1));
    var sets = new SharedSets(NOTHING_STORED, pages, 1 << 20, id -> true);
    calls = new SharedCalls(7, sets.opened(job, 7), later::add);
  }

  private FrameChannel channel(@Nullable SharedCalls shared, String... frames) throws IOException {
    var up = new ByteArrayOutputStream();
    for (String frame : frames) {
      FrameCodec.write(up, frame.getBytes(StandardCharsets.UTF_8));
    }
    var settings =
        new WorkerSettings(
            new PoolSettings(1, 0, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO),
            new ChannelLimits(1 << 20, 1 << 20),
            new RuntimeSettings(Map.of(), "python3", List.of(), Path.of("unused"), null),
            Path.of("unused"),
            Path.of("unused"),
            WorkerLimits.NONE,
            Isolation.NONE);
    return new FrameChannel(
        7,
        new FrameChannel.Pipes(down, new ByteArrayInputStream(up.toByteArray())),
        new PythonAdapter("python3", Path.of("unused"), bundle -> Path.of("unused")),
        (of, items, most) -> new ItemSource.Items(items, new byte[] {'1'}),
        settings,
        shared,
        event -> {});
  }

  private static String call(String members, String... body) {
    String header = "{\"op\":\"shared\"," + members + "}";
    return body.length == 0 ? header : header + "\n" + body[0];
  }

  /** Returns the frames that were sent to the worker, as text. */
  private List<String> sent() throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(down.toByteArray()));
    var frames = new ArrayList<String>();
    for (byte[] frame; (frame = FrameCodec.read(in, 1 << 20)) != null; ) {
      frames.add(new String(frame, StandardCharsets.UTF_8));
    }
    return frames;
  }

  @Test
  void callsAreAnsweredInTheirOrder() throws IOException {
    channel(
            calls,
            call("\"call\":1,\"object\":\"seen\",\"do\":\"set\",\"count\":2", "[ \"a\" , [1, 2] ]"),
            call("\"call\":2,\"object\":\"seen\",\"do\":\"get\",\"count\":1", "[\"a\"]"),
            call("\"call\":3,\"object\":\"seen\",\"do\":\"get\",\"count\":1", "[\"b\"]"),
            call("\"call\":4,\"object\":\"todo\",\"do\":\"get\",\"wait\":0"),
            call("\"call\":5,\"object\":\"none\",\"do\":\"get\""),
            call("\"call\":6,\"object\":\"seen\",\"do\":\"add\",\"count\":2", "[\"a\",1]"))
        .receive();

    assertThat(sent())
        .startsWith(
            "{\"op\":\"shared\",\"call\":1}",
            "{\"op\":\"shared\",\"call\":2}\n[1, 2]",
            "{\"op\":\"shared\",\"call\":3,\"missing\":true}",
            "{\"op\":\"shared\",\"call\":4,\"late\":true}");
    assertThat(sent().get(4)).contains("\"call\":5", "\"error\":\"unknown\"", "seen, todo, gate");
    assertThat(sent().get(5)).contains("\"call\":6", "\"error\":\"type\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"op\":\"shared\"}",
        "{\"op\":\"shared\",\"call\":\"1\"}",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":1}",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":-1}\n[]",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":2}\n[\"a\"]",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":1}\n[\"a\",1]",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":1}\n[\"a\"]]",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":1}\n{\"a\":1}",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"get\",\"count\":9999999999}\n[]",
        "{\"op\":\"shared\",\"call\":1,\"object\":[],\"do\":\"get\"}",
        "{\"op\":\"shared\",\"call\":1,\"object\":\"todo\",\"do\":\"get\",\"wait\":\"long\"}",
      })
  void frameOfAnotherFormEndsTheWorker(String frame) {
    assertThatThrownBy(() -> channel(calls, frame).receive()).isInstanceOf(BadFrame.class);
  }

  @Test
  void aWorkerOfAJobWithoutObjectsMakesNoCalls() {
    assertThatThrownBy(() -> channel(null, call("\"call\":1")).receive())
        .isInstanceOf(BadFrame.class)
        .hasMessageContaining("declares none");
  }

  @Test
  void tooManyCallsThatWaitEndTheWorker() {
    String wait = call("\"call\":1,\"object\":\"todo\",\"do\":\"get\"");
    String[] frames = new String[4_097];
    Arrays.fill(frames, wait);
    assertThatThrownBy(() -> channel(calls, frames).receive())
        .isInstanceOf(BadFrame.class)
        .hasMessageContaining("4096");
  }

  @Test
  void aStopEndsWaitsOfItsChunksAlone() throws IOException {
    var channel =
        channel(
            calls,
            call("\"call\":1,\"object\":\"todo\",\"do\":\"get\",\"chunk\":4"),
            call("\"call\":2,\"object\":\"todo\",\"do\":\"get\",\"chunk\":5"));
    channel.receive();
    channel.stopWaits(4);
    assertThat(later).hasSize(1);
    assertThat(later.getFirst().call()).isEqualTo(1);
    assertThat(later.getFirst().answer().error()).isEqualTo("stopped");

    var again = channel(calls, call("\"call\":3,\"object\":\"todo\",\"do\":\"get\",\"chunk\":4"));
    again.receive(); // the worker sent it before it saw the stop
    assertThat(later.getLast().call()).isEqualTo(3);
    assertThat(later.getLast().answer().error()).isEqualTo("stopped");
    again.send(later.getLast());
    assertThat(sent().getLast()).contains("\"call\":3", "\"error\":\"stopped\"");
  }

  @Test
  void theJobFrameDescribesTheObjects() throws IOException {
    var channel = channel(calls);
    channel.send(new WorkerMessage.Begin(job));
    channel.send(new WorkerMessage.End());
    assertThat(sent().getFirst())
        .contains(
            "\"worker\":7",
            "\"seen\":{\"kind\":\"dict\"}",
            "\"todo\":{\"kind\":\"queue\",\"size\":3}",
            "\"gate\":{\"kind\":\"lock\",\"word\":4}",
            "\"half\":{\"kind\":\"value\",\"type\":\"number\",\"word\":8}");
  }

  /** A thread that runs no item may wait again once the worker has another job. */
  @Test
  void aStopOfAJobIsNoneOfTheNext() throws IOException {
    String wait = "\"object\":\"todo\",\"do\":\"get\"";
    channel(calls, call("\"call\":1," + wait)).receive();
    calls.stop(4);
    channel(calls, call("\"call\":2," + wait)).receive();
    assertThat(later).hasSize(2);
    channel(calls).send(new WorkerMessage.Begin(job));
    channel(calls, call("\"call\":3," + wait)).receive();
    assertThat(later).hasSize(2);
  }
}
