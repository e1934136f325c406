package dev.manyhands.outside;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Minutes of faults, a third of them each on SQLite, on SQLite on a disk that is full at times, and
 * on PostgreSQL: {@code ./mvnw -Ptorture verify -Dtorture.minutes=5}, again with {@code
 * -Dtorture.seed=…}.
 */
class RealFaultsTorture {
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime() >>> 8);
  private static final Duration SHARE =
      Duration.ofSeconds(20L * Integer.getInteger("torture.minutes", 5));

  @TempDir private Path scratch;

  @Test
  void noJobOnSqliteSuffersFromFaults() throws Exception {
    Requirements.python();
    FaultCampaign.onSqlite(SEED, scratch).run(SHARE);
  }

  @Test
  void norOnADiskThatIsFullAtTimes() throws Exception {
    Requirements.python();
    assumeTrue(SmallDisk.isPossible(scratch), "this user cannot mount a tmpfs");
    try (var disk = new SmallDisk(scratch.resolve("small"))) {
      FaultCampaign.onSmallDisk(SEED, scratch, disk).run(SHARE);
    }
  }

  @Test
  void norOnPostgres() throws Exception {
    Requirements.python();
    try (var postgres = EmbeddedPostgres.start()) {
      FaultCampaign.onPostgres(SEED, scratch, new CutDatabase(postgres.getPort(), "torture"))
          .run(SHARE);
    }
  }
}
