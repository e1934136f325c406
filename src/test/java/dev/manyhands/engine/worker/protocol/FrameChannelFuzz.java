package dev.manyhands.engine.worker.protocol;

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
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** Output of a worker is either understood or refused, and understood output is JSON. */
public final class FrameChannelFuzz {
  private static final JsonMapper JACKSON =
      new JsonMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(20_000)
                      .maxNumberLength(Integer.MAX_VALUE)
                      .build())
              .build());
  private static final String OUTCOMES =
      "{\"op\":\"outcomes\",\"chunk\":7,\"first\":5,\"count\":2,\"last\":true";

  private static final WorkerSettings SETTINGS =
      new WorkerSettings(
          new PoolSettings(1, 0, Duration.ZERO, 0, 0, Duration.ZERO, Duration.ZERO),
          new ChannelLimits(1 << 16, 1 << 16),
          new RuntimeSettings(Map.of(), "python3", List.of(), Path.of("unused"), null),
          Path.of("unused"),
          Path.of("unused"),
          WorkerLimits.NONE,
          Isolation.NONE);

  /** Jobs whose frames are read in each of the possible ways. */
  private static final List<Job> JOBS =
      List.of(
              ReportFormTest.spec(JobSpec.Reduce.LIST, null, 1),
              ReportFormTest.spec(JobSpec.Reduce.FIND, null, 1),
              ReportFormTest.spec(JobSpec.Reduce.SUM, null, 1),
              ReportFormTest.spec(JobSpec.Reduce.MEAN, null, 1),
              ReportFormTest.spec(JobSpec.Reduce.MAX, null, 1),
              ReportFormTest.spec(JobSpec.Reduce.ANY, null, 1))
          .stream()
          .map(FrameChannelFuzz::job)
          .toList();

  private FrameChannelFuzz() {}

  private static Job job(JobSpec spec) {
    var clock = Clock.systemUTC();
    return new Job(JobId.next(clock, new Random(6)), spec, clock.instant(), JobStatus.queued(100));
  }

  /** The first byte chooses the job, the second one where in a frame the rest is. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length < 2) {
      return;
    }
    Job job = JOBS.get((input[0] & 0xFF) % JOBS.size());
    byte[] rest = Arrays.copyOfRange(input, 2, input.length);
    String text = new String(rest, StandardCharsets.ISO_8859_1);
    // In frames that are right around it, or the fuzzer would have to find those first.
    String payload =
        switch ((input[1] & 0xFF) % 5) {
          case 0 -> null;
          case 1 -> text;
          case 2 -> OUTCOMES + "}\n[" + text + "]";
          case 3 -> OUTCOMES + ",\"combined\":true}\n[" + text + "]";
          default -> OUTCOMES + ",\"errors\":[" + text + "]}\n[1,2]";
        };
    var bytes = new ByteArrayOutputStream();
    if (payload == null) {
      bytes.writeBytes(rest);
    } else {
      FrameCodec.write(bytes, payload.getBytes(StandardCharsets.ISO_8859_1));
    }
    var events = new ArrayList<WorkerEvent>();
    try {
      receive(job, bytes.toByteArray(), events);
    } catch (BadFrame refused) {
      // As it should be.
    }
    for (var event : events) {
      if (event instanceof WorkerEvent.Answered answered) {
        for (var part : answered.parts()) {
          JACKSON.readTree("[" + new String(part.values(), StandardCharsets.UTF_8) + "]");
        }
      }
    }
  }

  private static void receive(Job job, byte[] bytes, List<WorkerEvent> events) throws IOException {
    var channel =
        new FrameChannel(
            1,
            new FrameChannel.Pipes(
                OutputStream.nullOutputStream(), new ByteArrayInputStream(bytes)),
            new CommandAdapter(bundle -> Path.of("bundle")),
            (of, items, most) -> new ItemSource.Items(items, new byte[] {'1', ',', '1'}),
            SETTINGS,
            null,
            events::add);
    channel.send(new WorkerMessage.Run(new Chunk(7, job.id(), 1, new ItemRange(5, 7), 1), job));
    channel.receive();
  }
}
