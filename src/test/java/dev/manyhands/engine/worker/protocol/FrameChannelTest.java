package dev.manyhands.engine.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.worker.ChannelLimits;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.PoolSettings;
import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Outcomes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that a worker writes is believed. */
class FrameChannelTest {
  private static final int MAX_FRAME = 1 << 17;
  private static final String ONE =
      "{\"op\":\"outcomes\",\"chunk\":1,\"first\":0,\"count\":1,\"last\":true";

  private static final String TWO =
      "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":2,\"last\":true";

  private static final JobSpec TIMED = ReportFormTest.spec(JobSpec.Reduce.LIST, null, 1);
  private static final JobSpec FIND = ReportFormTest.spec(JobSpec.Reduce.FIND, null, 1);
  private static final String COMBINED =
      "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":2,\"last\":true,\"combined\":true,\"matched\":9";

  @Test
  void understandsWhatTheProtocolAllows() throws IOException {
    var events =
        receive(
            frame("{\"op\":\"ready\",\"protocol\":1,\"runtime\":\"x 1\",\"more\":true}"),
            frame("{\"op\":\"loaded\"}"),
            frame(
                "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":2,\"last\":true,"
                    + "\"run\":0.5,\"read\":0,\"write\":-1,\"rss\":4096,\"cpu\":0.25,\"errors\":[{\"index\":6,"
                    + "\"kind\":\"ERROR\",\"type\":\"E\",\"message\":\"m\"}]}\n[1, null]"),
            frame("{\"op\":\"returned\",\"chunk\":8,\"first\":9}"));
    assertThat(events).hasSize(4);
    assertThat(events.get(0)).isEqualTo(new WorkerEvent.Ready(1, "x 1"));
    var answered = (WorkerEvent.Answered) events.get(2);
    assertThat(answered.parts().getFirst().items()).isEqualTo(new ItemRange(5, 7));
    assertThat(new String(answered.parts().getFirst().values(), StandardCharsets.UTF_8))
        .isEqualTo("1,null");
    assertThat(answered.parts().getFirst().errors().getFirst().index()).isEqualTo(6);
    assertThat(answered.parts().getFirst().cost().write()).isZero();
    assertThat(answered.parts().getFirst().cost().peakRss()).isEqualTo(4096);
    assertThat(answered.parts().getFirst().cost().cpu()).isEqualTo(0.25);
    assertThat(events.get(3)).isEqualTo(new WorkerEvent.HandedBack(1, 8, 9));
  }

  @Test
  void textsThatAWorkerShouldHaveCutAreCut() throws IOException {
    String error =
        ONE + ",\"errors\":[{\"index\":0,\"kind\":\"ERROR\",\"message\":\"%s\"}]}\n[null]";
    assertThat(message(error.formatted("x".repeat(32_768)))).isEqualTo("x".repeat(32_768));
    assertThat(message(error.formatted("x".repeat(40_000)))).isEqualTo("… " + "x".repeat(32_768));
  }

  private static String message(String frame) throws IOException {
    var answered = (WorkerEvent.Answered) receive(frame(frame)).getFirst();
    return answered.parts().getFirst().errors().getFirst().message();
  }

  @Test
  void codeThatSeedsItselfIsReportedOnceAndOnlyForAJobWithASeed() throws IOException {
    byte[] first =
        frame(
            "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":1,\"last\":false,\"seeding\":\""
                + ("x".repeat(500) + "\"}\n[1]"));
    byte[] second =
        frame(
            "{\"op\":\"outcomes\",\"chunk\":7,\"first\":6,\"count\":1,\"last\":true,"
                + "\"seeding\":\"y\"}\n[1]");
    var seeded = ReportFormTest.spec(JobSpec.Reduce.LIST, null, 1).toBuilder().seed(3L).build();

    assertThat(receive(seeded, first, second))
        .hasSize(3)
        .first()
        .satisfies(event -> {
          var seeds = (WorkerEvent.SeedsItself) event;
          assertThat(seeds.call()).isEqualTo("x".repeat(100) + "…");
        });
    assertThat(receive(FIND, first, second))
        .hasSize(2)
        .allMatch(event -> event instanceof WorkerEvent.Answered);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "null",
        "{\"op\":\"nothing\"}",
        "{\"op\":\"ready\"}",
        "{\"op\":\"ready\",\"protocol\":2}",
        "{\"op\":\"returned\"}",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":0,\"count\":2,\"last\":true}\n[1]",
        ONE + "}\n[1,2]",
        ONE + "}\n[01]",
        ONE + "}\n[1] x",
        ONE + "}",
        ONE + "}\n",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":0,\"count\":0,\"last\":true}\n[]",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":-1,\"count\":1,\"last\":true}\n[1]",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":0,\"count\":2000000000,\"last\":true}\n[1]",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":9223372036854775807,\"count\":1,\"last\":true}\n[1]",
        "{\"op\":\"outcomes\",\"chunk\":1,\"first\":0,\"count\":1}\n[1]",
        "{\"op\":\"outcomes\",\"first\":0,\"count\":1,\"last\":true}\n[1]",
        ONE + ",\"errors\":[{\"index\":1,\"kind\":\"ERROR\"}]}\n[1]",
        ONE + ",\"errors\":[{\"index\":0,\"kind\":\"CRASH\"}]}\n[1]",
        ONE + ",\"errors\":[null]}\n[1]",
        ONE + ",\"rss\":-1}\n[1]",
        ONE + ",\"rss\":\"much\"}\n[1]",
        ONE + ",\"rss\":[1]}\n[1]",
        ONE + ",\"cpu\":\"much\"}\n[1]",
        ONE + ",\"times\":{}}\n[1]",
        ONE + ",\"times\":[0,\"2\",1]}\n[1]",
        ONE + ",\"times\":[0,2.5,1]}\n[1]",
        ONE + ",\"times\":[0,2}\n[1]",
        ONE + ",\"combined\":true}\n[1,1]"
      })
  void refusesWhatItDoesNot(String payload) {
    assertThatThrownBy(() -> receive(frame(payload))).isInstanceOf(BadFrame.class);
  }

  @Test
  void takesTheTimesOfTheItems() throws IOException {
    String times = ",\"times\":[0,9000,8000,495,7000,7000]}\n[1,2]";
    assertThat(timesOf(receive(TIMED, frame(TWO + times))))
        .isEqualTo(
            new ItemTimes(
                List.of(
                    new ItemTimes.Run(0, 9000, 8000, false),
                    new ItemTimes.Run(495, 7000, 7000, false))));
    assertThat(timesOf(receive(TIMED, frame(TWO + "}\n[1,2]")))).isNull();
    assertThat(timesOf(receive(frame(TWO + times)))).as("nobody asked").isNull();
  }

  private static @Nullable ItemTimes timesOf(List<WorkerEvent> events) {
    return ((WorkerEvent.Answered) events.getFirst()).parts().getFirst().cost().times();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0,2,1",
        "0,2,1,0,2",
        "0,1,2,0,2,1",
        "-1,2,1,0,2,1",
        "496,2,1,0,2,1",
        "0,2,-1,0,2,1"
      })
  void refusesTimesThatAreNone(String times) {
    String payload = TWO + ",\"times\":[" + times + "]}\n[1,2]";
    assertThatThrownBy(() -> receive(TIMED, frame(payload))).isInstanceOf(BadFrame.class);
  }

  @Test
  void refusesMoreTimesThanItemsMayHave() {
    String many = "1,".repeat(3 * ItemTimes.MOST_ITEMS) + "1";
    String payload = ONE + ",\"times\":[" + many + "]}\n[1]";
    assertThatThrownBy(() -> receive(frame(payload))).isInstanceOf(BadFrame.class);
  }

  @Test
  void takesAPartialOfAsManyResultsAsTheFrameHas() throws IOException {
    var events = receive(FIND, frame(COMBINED + "}\n[ 2, 5 , {\"a\":[1, 2]} ]"));
    var answered = (WorkerEvent.Answered) events.getFirst();
    assertThat(new String(answered.parts().getFirst().values(), StandardCharsets.UTF_8))
        .isEqualTo("[2,5,{\"a\":[1, 2]}]");
    assertThat(answered.parts().getFirst().matched()).isEqualTo(2);
    var failed = COMBINED + ",\"errors\":[{\"index\":6,\"kind\":\"ERROR\"}]}\n[1]";
    assertThat(receive(FIND, frame(failed))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "}",
        "}\n1",
        "}\n[]",
        "}\n[2",
        "}\n[1]",
        "}\n[3]",
        "}\n[2,5]",
        "}\n[2,\"5\",1]",
        "}\n[2,5,1,2]",
        "}\n[2,5,1] [2]",
        "}\n[2,5,1] x",
        ",\"errors\":[{\"index\":6,\"kind\":\"ERROR\"}]}\n[2,5,1]"
      })
  void refusesWhatIsNoPartialOfTheFrame(String rest) {
    assertThatThrownBy(() -> receive(FIND, frame(COMBINED + rest))).isInstanceOf(BadFrame.class);
  }

  @Test
  void refusesAPartialThatNobodyAskedFor() {
    var plain = ReportFormTest.spec(JobSpec.Reduce.LIST, null, 1);
    assertThatThrownBy(() -> receive(plain, frame(COMBINED + "}\n[2]")))
        .isInstanceOf(BadFrame.class);
    var retried = ReportFormTest.spec(JobSpec.Reduce.COUNT, null, 2);
    assertThatThrownBy(() -> receive(retried, frame(COMBINED + "}\n[2]")))
        .isInstanceOf(BadFrame.class);
  }

  private static JobSpec python(JobSpec spec) {
    return spec.toBuilder().values(JobSpec.Values.PYTHON).build();
  }

  /** The service cannot look into envelopes, so that a worker's count is all there is. */
  @Test
  void takesTheCountOfMatchesFromTheWorkersOfPythonValues() throws IOException {
    var stop = new JobSpec.StopWhen(JobSpec.StopWhen.Match.TRUTHY, null, 3);
    var spec = python(ReportFormTest.spec(JobSpec.Reduce.LIST, stop, 2));
    String error = ",\"errors\":[{\"index\":5,\"kind\":\"ERROR\"}]";

    var answered =
        (WorkerEvent.Answered)
            receive(spec, frame(TWO + error + ",\"matched\":9}\n[null,{\"p\":\"gA==\"}]"))
                .getFirst();

    assertThat(answered.parts().stream().map(Outcomes::matched)).containsExactly(0L, 1L);
    for (String none : List.of("}\n[1,2]", ",\"matched\":null}\n[1,2]")) {
      assertThatThrownBy(() -> receive(spec, frame(TWO + none))).isInstanceOf(BadFrame.class);
    }
  }

  @Test
  void refusesPythonValuesThatAreNotCombined() throws IOException {
    var any = python(ReportFormTest.spec(JobSpec.Reduce.ANY, null, 1));
    String matched = TWO + ",\"matched\":0";
    assertThatThrownBy(() -> receive(any, frame(matched + "}\n[1,2]")))
        .isInstanceOf(BadFrame.class);
    String combined = matched + ",\"combined\":true";
    assertThat(receive(any, frame(combined + "}\n[2]"))).hasSize(1);
    String failed = combined + ",\"errors\":[{\"index\":5,\"kind\":\"ERROR\"}]}\n[1]";
    assertThat(receive(any, frame(failed))).hasSize(1);

    // An item that may run again stands alone.
    var again = python(ReportFormTest.spec(JobSpec.Reduce.ANY, null, 2));
    assertThat(receive(again, frame(combined + "}\n[2]"))).hasSize(1);
    assertThatThrownBy(() -> receive(again, frame(failed))).isInstanceOf(BadFrame.class);
  }

  @Test
  void takesExceptionsOfPythonValuesOnly() throws IOException {
    String error = ",\"errors\":[{\"index\":5,\"kind\":\"ERROR\",\"data\":\"%s\"}]}\n[null,1]";
    var python = python(TIMED);
    byte[] good = frame(TWO + error.formatted("gARLAS4="));
    assertThat(errorOf(receive(python, good)).data()).isEqualTo("gARLAS4=");
    assertThat(errorOf(receive(TIMED, good)).data()).isNull();
    for (String bad : List.of("", "gARLAS4", "gAR\u00e9", "A".repeat(ItemError.MOST_DATA + 4))) {
      byte[] wrong = frame(TWO + error.formatted(bad));
      assertThatThrownBy(() -> receive(python, wrong)).isInstanceOf(BadFrame.class);
    }
  }

  private static ItemError errorOf(List<WorkerEvent> events) {
    return ((WorkerEvent.Answered) events.getFirst()).parts().getFirst().errors().getFirst();
  }

  @Test
  void refusesFramesThatAreTooLongOrCut() {
    for (byte[] wrong : new byte[][] {{1, 0, 0, 0}, {-1, -1, -1, -1}, {0, 0}, {0, 0, 0, 9, '{'}}) {
      assertThatThrownBy(() -> receive(wrong)).isInstanceOf(BadFrame.class);
    }
  }

  @Test
  void noBytesMakeItFailOtherwise() {
    var random = new Random(4);
    byte[] good =
        frame(
            "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":3,\"last\":true,\"run\":0.5,"
                + "\"errors\":[{\"index\":6,\"kind\":\"ERROR\",\"type\":\"E\",\"message\":\"m\"}]}"
                + "\n[1,null,\"é\"]");
    for (int run = 0; run < 50_000; run++) {
      byte[] mutated = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      try {
        receive(mutated);
      } catch (IOException refused) {
        assertThat(refused).isInstanceOf(BadFrame.class);
      }
    }
  }

  @Test
  void framesSurviveTheirJourney() throws IOException {
    var random = new Random(5);
    for (int run = 0; run < 500; run++) {
      byte[] header = "x".repeat(random.nextInt(300)).getBytes(StandardCharsets.UTF_8);
      byte[] body = new byte[random.nextInt(70_000)];
      random.nextBytes(body);
      var out = new ByteArrayOutputStream();
      FrameCodec.write(out, header, body, new byte[] {'!'});
      FrameCodec.write(out, header);
      var in = new DataInputStream(new ByteArrayInputStream(out.toByteArray()));
      byte[] first = FrameCodec.read(in, 1 << 20);
      assertThat(first).hasSize(header.length + 1 + body.length + 1);
      assertThat(FrameCodec.headerEnd(first)).isEqualTo(header.length);
      assertThat(FrameCodec.read(in, 1 << 20)).isEqualTo(header);
      assertThat(FrameCodec.read(in, 1 << 20)).isNull();
    }
  }

  private static byte[] frame(String payload) {
    try {
      var out = new ByteArrayOutputStream();
      FrameCodec.write(out, payload.getBytes(StandardCharsets.UTF_8));
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<WorkerEvent> receive(byte[]... frames) throws IOException {
    return receive((JobSpec) null, frames);
  }

  /**
   * @param spec of the job whose chunk 7 the worker has; null if it has none
   */
  private static List<WorkerEvent> receive(@Nullable JobSpec spec, byte[]... frames)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      bytes.write(frame);
    }
    var settings =
        new WorkerSettings(
            new PoolSettings(1, 0, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO),
            new ChannelLimits(MAX_FRAME, MAX_FRAME),
            new RuntimeSettings(Map.of(), "python3", List.of(), Path.of("unused"), null),
            Path.of("unused"),
            Path.of("unused"),
            WorkerLimits.NONE,
            Isolation.NONE);
    var events = new ArrayList<WorkerEvent>();
    var channel =
        new FrameChannel(
            1,
            new FrameChannel.Pipes(
                OutputStream.nullOutputStream(), new ByteArrayInputStream(bytes.toByteArray())),
            new CommandAdapter(bundle -> Path.of("bundle")),
            (job, items, most) -> new ItemSource.Items(items, new byte[] {'1', ',', '1'}),
            settings,
            null,
            events::add);
    if (spec != null) {
      var clock = Clock.systemUTC();
      var job =
          new Job(JobId.next(clock, new Random(6)), spec, clock.instant(), JobStatus.queued(100));
      channel.send(new WorkerMessage.Run(new Chunk(7, job.id(), 1, new ItemRange(5, 7), 1), job));
    }
    channel.receive();
    return events;
  }
}
