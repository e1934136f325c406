package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Takes the callbacks of jobs on a port of loopback, and checks them. Safe for any thread. */
final class Receiver implements AutoCloseable {
  /** Lets the service call back to this machine. */
  static final String SETTING = "--manyhands.callback.allow=127.0.0.1";

  private static final byte[] KEY = "a key of twenty-four byte".getBytes(StandardCharsets.UTF_8);
  private static final long PATIENCE_SECONDS = 100;

  private final HttpServer server;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();

  /** The messages about each job. */
  private final Map<String, List<Message>> messages = new HashMap<>();

  private record Message(String id, String timestamp, String signature, String body) {
    JsonNode data() {
      return Service.json(body).get("data");
    }
  }

  Receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getRequestHeaders();
      var message =
          new Message(
              headers.getFirst("webhook-id"),
              headers.getFirst("webhook-timestamp"),
              headers.getFirst("webhook-signature"),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      lock.lock();
      try {
        String job = message.data().get("id").stringValue();
        messages.computeIfAbsent(job, id -> new ArrayList<>()).add(message);
        more.signalAll();
      } finally {
        lock.unlock();
      }
      exchange.sendResponseHeaders(204, -1);
    }
  }

  /** The option of a job that is to call back. */
  String option() {
    return "\"callback\": {\"url\": \"http://127.0.0.1:%d/\", \"secret\": \"whsec_%s\"}"
        .formatted(server.getAddress().getPort(), Base64.getEncoder().encodeToString(KEY));
  }

  /**
   * Waits for the message about a job that has ended, and checks each that came.
   *
   * @param mayRepeat whether the service may have ended before it could note an answer
   */
  void check(JsonNode job, boolean mayRepeat) throws InterruptedException {
    List<Message> all = await(job.get("id").stringValue());
    if (!mayRepeat) {
      assertThat(all).as("messages").hasSize(1);
    }
    for (Message message : all) {
      assertThat(message.signature()).isEqualTo(signature(message));
      assertThat(message.id()).isEqualTo("msg_" + job.get("id").stringValue());
      for (String member : List.of("state", "stopReason", "items", "failures", "finishedAt")) {
        assertThat(message.data().get(member)).as(member).isEqualTo(job.get(member));
      }
      assertThat(message.data().path("result")).as("result").isEqualTo(job.path("result"));
    }
  }

  private List<Message> await(String job) throws InterruptedException {
    long nanos = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (!messages.containsKey(job)) {
        if (nanos <= 0) {
          throw new AssertionError("no message about job " + job);
        }
        nanos = more.awaitNanos(nanos);
      }
      return List.copyOf(messages.get(job));
    } finally {
      lock.unlock();
    }
  }

  private static String signature(Message message) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      String signed = message.id() + "." + message.timestamp() + "." + message.body();
      byte[] bytes = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
