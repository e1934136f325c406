package dev.manyhands.jobs.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore.Message;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The form of a message (Standard Webhooks): its body, and its headers for one attempt. */
final class Envelope {

  /**
   * The secret of the service, which signs the messages of jobs without a secret; null for none.
   */
  private final @Nullable String ownSecret;

  Envelope(@Nullable String ownSecret) {
    this.ownSecret = ownSecret;
  }

  /**
   * Returns the body, which is equal at each attempt.
   *
   * @param job the job as JSON
   */
  static byte[] body(Instant at, byte[] job) {
    byte[] head =
        ("{\"type\":\"job.finished\",\"timestamp\":\"" + at + "\",\"data\":").getBytes(UTF_8);
    byte[] body = new byte[head.length + job.length + 1];
    System.arraycopy(head, 0, body, 0, head.length);
    System.arraycopy(job, 0, body, head.length, job.length);
    body[body.length - 1] = '}';
    return body;
  }

  /** Returns the id by which a receiver recognises a repeated message. */
  static String id(JobId job) {
    return "msg_" + job;
  }

  /** Returns a signed attempt at this moment; empty if there is no secret to sign with any more. */
  Optional<Sender.Request> sealed(Message message, Instant now) {
    String secret = message.callback().secret();
    return Optional.ofNullable(secret == null ? ownSecret : secret)
        .flatMap(SigningKey::parse)
        .map(key -> request(message, key, now.getEpochSecond()));
  }

  private static Sender.Request request(Message message, SigningKey key, long seconds) {
    String id = id(message.job());
    return new Sender.Request(
        URI.create(message.callback().url()),
        Map.of(
            "webhook-id",
            id,
            "webhook-timestamp",
            Long.toString(seconds),
            "webhook-signature",
            key.sign(id, seconds, message.body())),
        message.body());
  }
}
