package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.worker.ItemSource.Items;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Jobs as requests. {@code ReadBackIT} posts such requests again. */
class JobRequestWriterTest {
  private static final JobId ID = new JobId(new UUID(1, 2));
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final ApiLimits LIMITS =
      new ApiLimits(1, 1, 1, 1, JsonLimits.DEFAULT, 4 << 20, 1, Duration.ZERO, 1, RETENTION);
  private static final Function PYTHON =
      new Function("f", "sha256:0badc0de", new Python("def f(x): return x", "f"));
  private static final String BEGINNING =
      "{\"function\":{\"runtime\":\"python\",\"code\":\"def f(x): return x\",\"entry\":\"f\"}";

  private boolean registered;

  @Test
  void optionsWithTheirDefaultAreLeftOut() throws IOException {
    var spec = JobSpec.builder(PYTHON, new Inputs.Range(1, 9, 2)).ttl(RETENTION).build();

    assertThat(written(spec, JobStatus.queued(4)))
        .isEqualTo(BEGINNING + ",\"inputs\":{\"range\":{\"start\":1,\"stop\":9,\"step\":2}}}");
  }

  @Test
  void halfASurrogatePairComesBack() throws IOException {
    var spec =
        JobSpec.builder(PYTHON, new Inputs.Listed(0))
            .description("\ud83e \ud83e\udd2f")
            .common("{\"x\":\"\ud83e\"}")
            .build();

    assertThat(written(spec, JobStatus.queued(0)))
        .startsWith("{\"description\":\"\\ud83e \ud83e\udd2f\",")
        .endsWith(",\"common\":{\"x\":\"\\ud83e\"},\"inputs\":[]}");
  }

  @Test
  void itemsAreReadPieceByPiece() throws IOException {
    var spec = JobSpec.of(PYTHON, new Inputs.Listed(3));

    assertThat(written(spec, JobStatus.queued(3)))
        .isEqualTo(BEGINNING + ",\"inputs\":[\"0\",\"1\",\"2\"]}");
  }

  @Test
  void aRegisteredFunctionIsNamedWithItsDigest() throws IOException {
    registered = true;
    var spec = JobSpec.of(PYTHON, new Inputs.Repeat("-0.0", 5));

    assertThat(written(spec, JobStatus.queued(5)))
        .isEqualTo(
            "{\"function\":\"f@sha256:0badc0de\","
                + "\"inputs\":{\"repeat\":{\"value\":-0.0,\"times\":5}}}");
  }

  @Test
  void aCommandAndSecretsOfACallback() throws IOException {
    var command = new Command(List.of("cat", "-u"), Protocol.LINES, true, null);
    var spec =
        JobSpec.builder(new Function("cat", "sha256:1", command), new Inputs.Open(false))
            .callback(new Callback("https://a.example/b?token=secret", "whsec_secret"))
            .stopWhen(new JobSpec.StopWhen(JobSpec.StopWhen.Match.TRUTHY, null, 3))
            .build();

    String request = written(spec, JobStatus.queued(0, true));
    assertThat(request)
        .startsWith(
            "{\"function\":{\"runtime\":\"command\",\"command\":[\"cat\",\"-u\"],\"indexed\":true}")
        .contains("\"callback\":{\"url\":\"https://a.example/b\"}")
        .endsWith(",\"stopWhen\":{\"truthy\":3},\"inputs\":{\"open\":true}}")
        .doesNotContain("secret");
  }

  @Test
  void itemsThatStillArriveAreNoRequestYet() throws IOException {
    var spec = JobSpec.of(PYTHON, new Inputs.Open(true));

    assertThatThrownBy(() -> written(spec, JobStatus.queued(2, true))).isInstanceOf(Refusal.class);
    assertThat(written(spec, JobStatus.queued(2))).endsWith(",\"inputs\":[\"0\",\"1\"]}");
  }

  private String written(JobSpec spec, JobStatus status) throws IOException {
    var out = new ByteArrayOutputStream();
    new JobRequestWriter(
            (job, items, maxBytes) ->
                new Items(
                    ItemRange.ofCount(items.first(), 1),
                    ("\"" + items.first() + "\"").getBytes(UTF_8)),
            function -> registered,
            LIMITS,
            new JsonMapper())
        .write(new Job(ID, spec, Instant.EPOCH, status), out);
    return out.toString(UTF_8);
  }
}
