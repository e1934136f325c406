package dev.manyhands.outside;

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
    long seed = Long.getLong("torture.seed", System.nanoTime() >>> 8);
    FaultCampaign.onSqlite(seed, scratch).run(Duration.ofSeconds(15));
  }
}
