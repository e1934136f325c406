package dev.manyhands.telemetry;

import dev.manyhands.engine.memo.Memo;
import dev.manyhands.engine.memo.MemoListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts the work of the memo. */
public final class MemoMetrics implements MemoListener {
  private final Counter hits;
  private final Counter misses;
  private final Counter evictions;
  private final Counter failures;

  public MemoMetrics(MeterRegistry registry) {
    hits = lookUps(registry, "hit");
    misses = lookUps(registry, "miss");
    evictions =
        Counter.builder("manyhands.memo.evictions")
            .description("Remembered values that made room for others")
            .register(registry);
    failures =
        Counter.builder("manyhands.memo.failures")
            .description("Items not looked up or not remembered because the store did not answer")
            .register(registry);
  }

  private static Counter lookUps(MeterRegistry registry, String result) {
    return Counter.builder("manyhands.memo.lookups")
        .description("Items of jobs with cache, by whether their value was known")
        .tag("result", result)
        .register(registry);
  }

  /** Registers gauges of the remembered values: their number, and their size with the keys. */
  public static void gauges(MeterRegistry registry, Memo memo) {
    Gauge.builder("manyhands.memo.values", () -> memo.total().entries())
        .description("Values that are remembered")
        .register(registry);
    Gauge.builder("manyhands.memo.size", () -> memo.total().bytes())
        .description("Keys and values that are remembered")
        .baseUnit("bytes")
        .register(registry);
  }

  @Override
  public void lookedUp(long hit, long missed) {
    hits.increment((double) hit);
    misses.increment((double) missed);
  }

  @Override
  public void evicted(long values) {
    evictions.increment((double) values);
  }

  @Override
  public void failed(long items) {
    failures.increment((double) items);
  }
}
