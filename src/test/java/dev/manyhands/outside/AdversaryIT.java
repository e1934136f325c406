package dev.manyhands.outside;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Some seconds of what {@link RealFaultsTorture} does for minutes. */
class AdversaryIT {
  @TempDir private Path scratch;

  @Test
  void faultsCostNoItem() throws Exception {
    Requirements.python();
    FaultCampaign.onSqlite(seed(), scratch).run(Duration.ofSeconds(10));
  }

  @Test
  void norDoTheyOnPostgres() throws Exception {
    Requirements.python();
    try (var postgres = EmbeddedPostgres.start()) {
      var database = new CutDatabase(postgres.getPort(), "adversary");
      FaultCampaign.onPostgres(seed(), scratch, database).run(Duration.ofSeconds(10));
    }
  }

  private static long seed() {
    return Long.getLong("torture.seed", System.nanoTime() >>> 8);
  }
}
