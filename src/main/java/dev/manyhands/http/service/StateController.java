package dev.manyhands.http.service;

import dev.manyhands.http.Activity;
import dev.manyhands.support.Word;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.time.Instant;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The state of the service over HTTP: version, load, and the last ten minutes. */
@RestController
class StateController {
  private static final String API = "/api/v1";
  private static final Links LINKS =
      new Links(
          API + "/service",
          API + "/jobs",
          API + "/events",
          API + "/workers",
          API + "/runtimes",
          API + "/limits",
          API + "/functions");

  private final Build build;
  private final StoreKind store;
  private final Activity activity;
  private final RuntimeMXBean process = ManagementFactory.getRuntimeMXBean();

  StateController(Build build, StoreKind store, Activity activity) {
    this.build = build;
    this.store = store;
    this.activity = activity;
  }

  /**
   * @param at the time of the newest sample, from which {@code slots} and {@code jobs} are
   */
  record ServiceView(
      String version,
      Instant startedAt,
      double uptimeSeconds,
      String store,
      Instant at,
      Activity.Slots slots,
      Activity.Jobs jobs,
      Activity.Samples samples,
      Map<String, Long> workerRestarts,
      Links links) {}

  record Links(
      String self,
      String jobs,
      String events,
      String workers,
      String runtimes,
      String limits,
      String functions) {}

  @GetMapping(API + "/service")
  ServiceView service() {
    Activity.Sample now = activity.now();
    return new ServiceView(
        build.version(),
        Instant.ofEpochMilli(process.getStartTime()),
        process.getUptime() / 1000.0,
        Word.of(store),
        now.at(),
        now.slots(),
        now.jobs(),
        activity.recent(),
        activity.workerRestarts(),
        LINKS);
  }
}
