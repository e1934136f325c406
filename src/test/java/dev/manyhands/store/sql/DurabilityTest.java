package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.writer.Dialect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code kill -9} in the middle of writing: whatever was acknowledged is there afterwards. */
class DurabilityTest {
  private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 2_000;

  @ParameterizedTest
  @EnumSource(DatabaseKind.class)
  void whatWasAcknowledgedSurvivesAKill(DatabaseKind kind) throws Exception {
    try (TestDatabase database = TestDatabase.fresh(kind)) {
      var acknowledged = writeUntilKilled(database.settings());

      try (SqlStores stores = database.open(new TestClock())) {
        Grant grant = stores.jobs().grantUnfinished().getFirst();
        var done = new BitSet();
        grant.done().forEach(range -> done.set((int) range.first(), (int) range.end()));
        assertThat(acknowledged).allMatch(item -> done.get(item));

        var recorded = new ArrayList<ItemRange>();
        stores
            .jobs()
            .outcomes(
                grant.job().id(),
                new ItemRange(0, Integer.MAX_VALUE),
                report -> recorded.add(report.outcomes().items()));
        assertThat(recorded).hasSize(done.cardinality()).doesNotHaveDuplicates();
      }
    }
  }

  private static List<Integer> writeUntilKilled(StoreSettings settings) throws IOException {
    var child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                String.valueOf(settings.url()),
                settings.dataDir().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var acknowledged = new ArrayList<Integer>();
    try (var lines = child.inputReader(UTF_8)) {
      String line = lines.readLine();
      while (line != null) {
        // A line that the kill cut short was not acknowledged.
        if (line.endsWith(".")) {
          acknowledged.add(Integer.valueOf(line.substring(0, line.length() - 1)));
        }
        if (acknowledged.size() == ACKNOWLEDGED_BEFORE_THE_KILL) {
          child.toHandle().destroyForcibly(); // leaves the pipe to be read to its end
        }
        line = lines.readLine();
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_THE_KILL);
    return acknowledged;
  }

  @Test
  void aServerThatAnswersBeforeItHasWrittenIsToldNotTo() throws Exception {
    try (var database = TestDatabase.fresh(DatabaseKind.POSTGRESQL);
        var connection = DataSources.of(database.settings()).writer().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = off");
      Dialect.POSTGRESQL.insistOnDurability(connection);
      connection.setAutoCommit(false);
      connection.rollback();
      try (var rows = statement.executeQuery("SHOW synchronous_commit")) {
        rows.next();
        assertThat(rows.getString(1)).isEqualTo("on");
      }
    }
  }

  /** Records one item after the other and prints each one's index when its future completes. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) {
      String url = arguments[0].equals("null") ? null : arguments[0];
      var settings = new StoreSettings(url, Path.of(arguments[1]), "postgres", null, 1);
      var clock = new TestClock();
      var store = SqlStores.open(settings, clock, CommitListener.NONE).jobs();
      Job job =
          new TestJobs()
              .job(
                  JobId.next(clock, new Random(1)),
                  TestJobs.spec(TestJobs.GCD, 1L << 30, Map.of()));
      store.submit(job, null, null).join();
      for (int item = 0; ; item++) {
        int index = item;
        var recorded =
            store
                .record(job.id(), FIRST_VERSION, TestJobs.report(index, index + 1))
                .thenRun(() -> System.out.println(index + "."));
        if (item % 100 == 0) {
          recorded.join(); // groups of one and of many
        }
      }
    }
  }
}
