package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * There are more clients than there should be, and slower ones, but other clients are still served.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FloodIT {
  private static final String JOBS = "/api/v1/jobs";
  private static final String PAUSED = "{\"function\":\"gcd\",\"inputs\":[[4,6]],\"paused\":true}";
  private static final int MOST_JOBS = 20;
  private static final int MOST_STREAMS = 300;

  private Service service;
  private Service quiet;

  @BeforeAll
  void start() {
    quiet = Service.start(Service.newDirectory());
    service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.streams.heartbeat=500ms",
            "--manyhands.limits.unfinished-jobs=" + MOST_JOBS,
            "--manyhands.limits.streams=" + MOST_STREAMS);
  }

  @AfterAll
  void stop() {
    service.close();
    quiet.close();
  }

  @Test
  void whatTheQueueDoesNotHoldIsRefusedWhole() throws Exception {
    var answers = atOnce(100, () -> service.post(JOBS, PAUSED));
    var accepted = answers.stream().filter(answer -> answer.status() == 202).toList();
    assertThat(accepted).hasSize(MOST_JOBS);
    assertThat(answers)
        .filteredOn(answer -> answer.status() != 202)
        .allSatisfy(answer -> assertUnavailable(answer, "manyhands.limits.unfinished-jobs"));
    // Others of this class leave jobs that have ended.
    assertThat(service.get(JOBS + "?state=QUEUED&limit=1000").json().get("jobs"))
        .hasSize(MOST_JOBS);
    for (var answer : accepted) {
      service.cancelled(answer.json().get("id").stringValue());
    }
    service.cancelled(service.submit(PAUSED));
  }

  @Test
  void readersBeyondTheCapAreToldSoAndOthersAreServed() throws Exception {
    String id = service.submit(PAUSED);
    var readers = new ArrayList<Socket>();
    try {
      for (int i = 0; i < MOST_STREAMS / 3; i++) {
        readers.add(Wire.ask(service, JOBS + "/" + id + "/events"));
        readers.add(Wire.ask(service, JOBS + "/" + id + "?wait=300"));
        readers.add(
            Wire.ask(
                service, JOBS + "/" + id + "/results?follow=true", "Accept: application/x-ndjson"));
      }
      awaitStreams(MOST_STREAMS);
      assertOthersAreServed(service, quiet);
      assertUnavailable(service.get(JOBS + "/" + id + "?wait=1"), "manyhands.limits.streams");
      assertUnavailable(service.get(JOBS + "/" + id + "/events"), "manyhands.limits.streams");
      int before = service.get(JOBS).json().get("jobs").size();
      assertUnavailable(service.post(JOBS + "?wait=1", PAUSED), "manyhands.limits.streams");
      assertThat(service.get(JOBS).json().get("jobs")).hasSize(before);
    } finally {
      // Not to wait for its end, which would be a stream too many.
      service.post(JOBS + "/" + id + "/cancel", "");
      close(readers);
    }
    awaitStreams(0);
    service.await(id);
  }

  @Test
  void whoSendsAByteNowAndThenStopsNobody() throws Exception {
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 300; i++) {
        var socket = new Socket("127.0.0.1", service.uri("").getPort());
        slow.add(socket);
        send(
            socket,
            i % 2 == 0
                ? "GET /api/v1/jobs HTTP/1.1\r\nHost: loc"
                : "POST /api/v1/jobs HTTP/1.1\r\n"
                    + "Host: localhost\r\n"
                    + "Content-Type: application/json\r\n"
                    + "Content-Length: 1000000\r\n\r\n"
                    + "{\"inputs\": [");
      }
      for (int round = 0; round < 5; round++) {
        for (var socket : slow) {
          send(socket, "1");
        }
        assertOthersAreServed(service, quiet);
      }
    } finally {
      close(slow);
    }
  }

  @Test
  void readersThatTakeNothingDoNotFillTheMemory() throws Exception {
    Requirements.python();
    // A slice of it for each of them would be more than the heap.
    var job =
        service.run(
            """
            {"function": {"runtime": "python", "code": "def f(x):\\n    return 'y' * 1000"},
             "inputs": {"range": {"start": 0, "stop": 40000}}}
            """);
    String request =
        "GET "
            + (JOBS + "/" + job.get("id").stringValue() + "/results HTTP/1.0\r\n")
            + "Host: localhost\r\nAccept: application/x-ndjson\r\n\r\n";
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < MOST_STREAMS - 10; i++) {
        var socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", service.uri("/").getPort()));
        slow.add(socket);
        send(socket, request);
      }
      for (int round = 0; round < 5; round++) {
        assertOthersAreServed(service, quiet);
      }
    } finally {
      close(slow);
    }
    awaitStreams(0);
    assertThat(service.log()).doesNotContain("OutOfMemory");
  }

  /**
   * Checks that other clients are served during a flood, by turns with a service without a flood.
   * The median counts, since one answer may meet a garbage collection.
   */
  static void assertOthersAreServed(Service flooded, Service quiet) {
    long[] busyMillis = new long[9];
    long[] quietMillis = new long[9];
    for (int i = 0; i < busyMillis.length; i++) {
      String path = i % 2 == 0 ? "/api/v1/limits" : JOBS + "?limit=5";
      busyMillis[i] = millisOf(flooded, path);
      quietMillis[i] = millisOf(quiet, path);
    }
    Arrays.sort(busyMillis);
    Arrays.sort(quietMillis);
    assertThat(busyMillis[4])
        .as("ms: %s, quiet: %s", Arrays.toString(busyMillis), Arrays.toString(quietMillis))
        .isLessThan(20 * Math.max(quietMillis[4], 50));
  }

  private static long millisOf(Service service, String path) {
    long begin = System.nanoTime();
    assertThat(service.get(path).status()).isEqualTo(200);
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }

  private static void assertUnavailable(Service.Answer answer, String setting) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotBlank();
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("detail").stringValue()).contains(setting);
  }

  private void awaitStreams(int wanted) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .untilAsserted(() -> assertThat(streams(service)).isEqualTo(wanted));
  }

  /** Returns how many streams are open, as the service reports it. */
  static int streams(Service service) {
    return service
        .get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("manyhands_streams{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static <T> List<T> atOnce(int count, Callable<T> task) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var each : threads.invokeAll(Collections.nCopies(count, task))) {
        results.add(each.get());
      }
      return results;
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
  }
}
