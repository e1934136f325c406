package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.model.Callback;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Attempt;
import dev.manyhands.store.DeliveryStore.Delivery;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows the state of a job's callback. */
@RestController
@RequestMapping(JobPath.JOBS)
class CallbackController {
  private final JobDesk jobs;
  private final DeliveryStore deliveries;

  CallbackController(JobDesk jobs, DeliveryStore deliveries) {
    this.jobs = jobs;
    this.deliveries = deliveries;
  }

  /**
   * @param messageId the header {@code webhook-id} of every attempt
   * @param url without its query, which may be secret
   */
  record CallbackView(
      String job,
      String messageId,
      String url,
      DeliveryStore.State state,
      List<AttemptView> attempts,
      @Nullable Instant nextAttemptAt) {}

  /**
   * One attempt. {@code status} is null when no answer came; {@code error} is null when the message
   * was delivered.
   */
  record AttemptView(
      int number,
      Instant startedAt,
      double seconds,
      @Nullable Integer status,
      @Nullable String error) {}

  @GetMapping("/{id}/callback")
  CallbackView get(@PathVariable String id) {
    JobId job = jobs.get(JobPath.id(id)).id();
    return deliveries
        .find(job)
        .map(CallbackController::view)
        .orElseThrow(() -> Refusal.notFound("job " + job + " has no callback"));
  }

  private static CallbackView view(Delivery delivery) {
    return new CallbackView(
        delivery.job().toString(),
        Callbacks.messageId(delivery.job()),
        Callback.shown(delivery.url()),
        delivery.state(),
        delivery.attempts().stream().map(CallbackController::view).toList(),
        delivery.nextAttemptAt());
  }

  private static AttemptView view(Attempt attempt) {
    return new AttemptView(
        attempt.number(),
        attempt.startedAt(),
        attempt.took().toNanos() / 1e9,
        attempt.status(),
        attempt.error());
  }
}
