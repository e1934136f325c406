package dev.manyhands.engine.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.model.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobLogsTest {
  private static final JobId JOB = new JobId(new UUID(0, 1));
  private static final JobId OTHER = new JobId(new UUID(0, 2));
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123456Z");
  private static final int LIMIT = 10_000;

  @TempDir Path directory;

  private final Set<JobId> printed = ConcurrentHashMap.newKeySet();

  private JobLogs logs() throws IOException {
    return new JobLogs(
        directory, LIMIT, job -> job.equals(JOB), Clock.fixed(NOW, ZoneOffset.UTC), printed::add);
  }

  private static void print(JobLogs logs, JobId job, String text) {
    logs.print(new LogSink.Line(job, 3, 17, text));
  }

  private static List<LogEntry> read(JobLogs logs, JobId job) throws IOException {
    var entries = new ArrayList<LogEntry>();
    logs.read(job, entries::add);
    return entries;
  }

  private static LogEntry line(String text) {
    return new LogEntry.Line(NOW, 3, 17, text);
  }

  @Test
  void linesAreReadAsTheyWerePrinted() throws Exception {
    try (var logs = logs()) {
      print(logs, JOB, "a\tb\r\u0000é");
      print(logs, OTHER, "other");
      print(logs, JOB, "");
      assertThat(read(logs, JOB)).containsExactly(line("a\tb\r\u0000é"), line(""));
      assertThat(read(logs, OTHER)).containsExactly(line("other"));
    }
  }

  /** Also while files are renamed, and where lines were dropped since. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1_000})
  void aReaderContinuesWhereItStopped(int linesARead) throws Exception {
    try (var logs = logs()) {
      var cursor = new LogCursor();
      var entries = new ArrayList<LogEntry>();
      int count = 5_000;
      for (int i = 0; i < count; i++) {
        print(logs, JOB, "line " + i);
        if (i % linesARead == 0) {
          logs.write(JOB);
          assertThat(logs.readOn(JOB, cursor, entries::add)).isTrue();
          assertThat(entries.getLast()).isEqualTo(line("line " + i));
        }
      }
      logs.write(JOB);
      logs.readOn(JOB, cursor, entries::add);
      int next = 0;
      for (LogEntry entry : entries) {
        switch (entry) {
          case LogEntry.Line one -> assertThat(one).isEqualTo(line("line " + next++));
          case LogEntry.Dropped gap -> next += (int) gap.lines();
        }
      }
      assertThat(next).isEqualTo(count);
      if (linesARead <= 7) {
        assertThat(entries).as("nothing was dropped").hasSize(count);
      }
      assertThat(printed).containsExactly(JOB);
      logs.forget(JOB);
      assertThat(logs.readOn(JOB, cursor, entries::add)).isFalse();
    }
  }

  @Test
  void aJobThatPrintsNothingHasNoFile() throws Exception {
    try (var logs = logs()) {
      assertThat(read(logs, JOB)).isEmpty();
    }
    assertThat(directory).isEmptyDirectory();
  }

  /** Written at once, by the way, and one by one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1_000, 100_000})
  void theFirstPartAndTheLastAreKept(int linesAWrite) throws Exception {
    int printed = 5_000;
    try (var logs = logs()) {
      for (int i = 0; i < printed; i++) {
        print(logs, JOB, "line " + i);
        if (i % linesAWrite == linesAWrite - 1) {
          read(logs, JOB);
        }
      }
      var entries = read(logs, JOB);
      assertThat(entries).startsWith(line("line 0"), line("line 1"));
      assertThat(entries).endsWith(line("line 4998"), line("line 4999"));
      long dropped = 0;
      long kept = 0;
      for (var entry : entries) {
        switch (entry) {
          case LogEntry.Dropped some -> dropped += some.lines();
          case LogEntry.Line some -> {
            assertThat(some.text()).isEqualTo("line " + (kept + dropped));
            kept++;
          }
        }
      }
      assertThat(kept + dropped).isEqualTo(printed);
      assertThat(kept).isGreaterThan(LIMIT / 2 / 40);
      assertThat(bytes()).isBetween(LIMIT / 2L, (long) LIMIT);
    }
  }

  private long bytes() throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void theNextServiceGoesOnAfterWhatTheLastOneWrote() throws Exception {
    try (var logs = logs()) {
      print(logs, JOB, "one");
    }
    Path head = directory.resolve(JOB.toString()).resolve("head");
    Files.writeString(head, "1\t17", StandardOpenOption.APPEND);
    try (var logs = logs()) {
      assertThat(read(logs, JOB)).containsExactly(line("one"));
      print(logs, JOB, "two");
      assertThat(read(logs, JOB)).containsExactly(line("one"), line("two"));
    }
  }

  @Test
  void theLogOfADeletedJobIsGoneAndStaysSo() throws Exception {
    try (var logs = logs()) {
      print(logs, JOB, "one");
      read(logs, JOB);
      print(logs, JOB, "two");
      logs.forget(JOB);
      print(logs, JOB, "a late one");
      assertThat(read(logs, JOB)).isEmpty();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void logsOfJobsThatAreNotThereAreRemovedAtTheStart() throws Exception {
    try (var logs = logs()) {
      print(logs, JOB, "one");
      print(logs, OTHER, "other");
    }
    assertThat(directory.resolve(OTHER.toString())).exists();
    // The thread that removes them has ended when this returns.
    logs().close();
    assertThat(directory.resolve(OTHER.toString())).doesNotExist();
    assertThat(directory.resolve(JOB.toString())).exists();
  }

  /** The writer's thread must bring the lines to disk, because no reader or close does it here. */
  @Test
  void anErrorWhileOrphansAreLookedForEndsNoThread() throws Exception {
    try (var logs = logs()) {
      print(logs, JOB, "one");
    }
    Predicate<JobId> failing =
        job -> {
          throw new InternalError("planned");
        };
    try (var logs =
        new JobLogs(directory, LIMIT, failing, Clock.fixed(NOW, ZoneOffset.UTC), printed::add)) {
      print(logs, OTHER, "other");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (Files.notExists(directory.resolve(OTHER.toString()))) {
        assertThat(System.nanoTime()).as("time until a line is written").isLessThan(deadline);
        Thread.yield();
      }
      assertThat(logs.isRunning()).isTrue();
    }
  }

  @Test
  void aLimitOfNothingKeepsNothing() throws Exception {
    try (var logs = new JobLogs(directory, 0, job -> true, Clock.systemUTC(), job -> {})) {
      print(logs, JOB, "one");
      assertThat(read(logs, JOB)).isEmpty();
    }
  }
}
