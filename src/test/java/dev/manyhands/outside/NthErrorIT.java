package dev.manyhands.outside;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An error at the first call of each method of the classes that own a thread of the service. */
class NthErrorIT {
  @TempDir private Path scratch;

  @ParameterizedTest
  @CsvSource({
    "SQLITE, 'SchedulerCore|JobLogs|LogFile|WorkerProcess|ParentThread|FrameChannel'",
    "SQLITE, 'GroupCommit|SchedulerLoop|JobEnds|WaitingJobs|ResultFeed'",
    "POSTGRESQL, 'GroupCommit|WriterSession|JobWrites'"
  })
  void noErrorCostsMoreThanOneJob(OwnStore.Kind kind, String classes) throws Exception {
    Requirements.python();
    NthError.playAll(kind, scratch, "(" + classes + ")\\..*", 1);
  }
}
