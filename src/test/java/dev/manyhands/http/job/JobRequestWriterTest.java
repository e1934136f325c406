package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.ItemSource.Items;
import dev.manyhands.http.ItemInputs;
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
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.store.JobGoneException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Jobs as requests. {@code ReadBackIT} posts such requests again. */
class JobRequestWriterTest {
  private static final JobId ID = new JobId(new UUID(1, 2));
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final ApiLimits LIMITS =
      new ApiLimits(
          1, 1, 1, 1, JsonLimits.DEFAULT, 4 << 20, 1, Duration.ZERO, 1, 16 << 20, 1, RETENTION);
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
  void sharedObjectsAreWrittenAsTheyWereDeclared() throws IOException {
    var shared = new LinkedHashMap<String, SharedObject>();
    shared.put("z", new SharedObject(SharedKind.VALUE, "1.50", null));
    shared.put("gate", new SharedObject(SharedKind.LOCK, "null", null));
    shared.put("seen", new SharedObject(SharedKind.DICT, "{\"\\ud83e\":-0.0}", null));
    shared.put("log", new SharedObject(SharedKind.LIST, "[1]", null));
    shared.put("todo", new SharedObject(SharedKind.QUEUE, "[]", null));
    shared.put("few", new SharedObject(SharedKind.QUEUE, "[]", 7L));
    shared.put("doors", new SharedObject(SharedKind.SEMAPHORE, "3", null));
    var spec = JobSpec.builder(PYTHON, new Inputs.Listed(0)).shared(shared).build();

    assertThat(written(spec, JobStatus.queued(0)))
        .endsWith(
            ",\"shared\":{\"z\":{\"value\":1.50},\"gate\":{\"lock\":{}},"
                + "\"seen\":{\"dict\":{\"\\ud83e\":-0.0}},\"log\":{\"list\":[1]},"
                + "\"todo\":{\"queue\":{}},\"few\":{\"queue\":{\"size\":7}},"
                + "\"doors\":{\"semaphore\":3}},\"inputs\":[]}");
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
    JobStatus cancelled = JobStatus.queued(2).toBuilder().stopReason("cancelled").build();
    assertThatThrownBy(() -> written(spec, cancelled)).isInstanceOf(Refusal.class);
  }

  /** Halves of a pair may be in different blocks of a text. */
  @Test
  void aLargeCodeIsWrittenAsItIs() throws IOException {
    for (int before = 0; before < 3; before++) {
      String code =
          "#" + "x".repeat(before) + "\ud83e\udd2f".repeat(20_000) + "\0\ud83e\n\u2028\"'";
      var spec =
          JobSpec.of(new Function("f", "sha256:1", new Python(code, "f")), new Inputs.Listed(0));

      String request = written(spec, JobStatus.queued(0));
      assertThat(new JsonMapper().readTree(request).at("/function/code").stringValue())
          .isEqualTo(code);
      assertThat(request).contains("\ud83e\udd2f").doesNotContain("?", "\\ud83e\\udd2f");
    }
  }

  @Test
  void aRequestWhoseItemsAreGoneHasNoEnd() {
    var out = new ByteArrayOutputStream();
    var spec = JobSpec.of(PYTHON, new Inputs.Listed(3));
    var writer =
        writer((job, items, maxBytes) -> {
          if (items.first() > 0) {
            throw new JobGoneException(job.id());
          }
          return item(items.first());
        });

    assertThatThrownBy(() -> writer.write(job(spec, JobStatus.queued(3)), out))
        .isInstanceOf(JobGoneException.class);
    assertThat(out.toString(UTF_8)).isEqualTo(BEGINNING + ",\"inputs\":[\"0\",");
  }

  private String written(JobSpec spec, JobStatus status) throws IOException {
    var out = new ByteArrayOutputStream();
    writer((job, items, maxBytes) -> item(items.first())).write(job(spec, status), out);
    return out.toString(UTF_8);
  }

  private JobRequestWriter writer(ItemSource source) {
    var inputs = new ItemInputs(source, 16 << 20);
    return new JobRequestWriter(inputs, function -> registered, LIMITS, new JsonMapper());
  }

  private static Items item(long index) {
    return new Items(ItemRange.ofCount(index, 1), ("\"" + index + "\"").getBytes(UTF_8));
  }

  private static Job job(JobSpec spec, JobStatus status) {
    return new Job(ID, spec, Instant.EPOCH, status);
  }
}
