package dev.manyhands.telemetry;

import dev.manyhands.store.CommitListener;
import dev.manyhands.store.sql.SqlStores;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;

/** Times commits, and shows how many writes wait for them and how much room is left. */
public final class StoreMetrics implements CommitListener {
  private final Timer seconds;
  private final DistributionSummary rows;

  public StoreMetrics(MeterRegistry registry) {
    seconds =
        Timer.builder("manyhands.store.commit")
            .description("Time of a group commit")
            .publishPercentileHistogram()
            .register(registry);
    rows =
        DistributionSummary.builder("manyhands.store.commit.rows")
            .description("Writes that shared a commit")
            .register(registry);
  }

  /**
   * Registers the gauges of an open store.
   *
   * @param dataDirectory the directory whose disk must not run full; it also holds logs and scratch
   *     directories
   */
  public static void gauges(MeterRegistry registry, SqlStores stores, Path dataDirectory) {
    Gauge.builder("manyhands.store.queued.writes", stores, SqlStores::queuedWrites)
        .description("Writes that wait for the next commit")
        .register(registry);
    File data = dataDirectory.toFile();
    // Registered as suppliers. A gauge holds its object weakly, and nothing else holds this object.
    Gauge.builder("manyhands.data.free", data::getUsableSpace)
        .description("Room that is left on the disk of the data directory")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("manyhands.data.size", data::getTotalSpace)
        .description("Size of the disk of the data directory")
        .baseUnit("bytes")
        .register(registry);
  }

  @Override
  public void committed(int count, Duration took) {
    seconds.record(took);
    rows.record(count);
  }
}
