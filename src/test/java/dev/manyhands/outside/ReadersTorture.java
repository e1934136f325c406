package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Ten thousand readers at once; {@code -Dtorture.readers=} sets their number. */
class ReadersTorture {
  private static final String JOBS = "/api/v1/jobs";
  private static final int READERS = Integer.getInteger("torture.readers", 9_999);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(3);

  @Test
  void othersAreServedWhileThousandsRead() throws Exception {
    try (var service = Service.startWithHeap("3g", Service.newDirectory());
        var quiet = Service.start(Service.newDirectory())) {
      String id = service.submit("{\"function\":\"gcd\",\"inputs\":[[4,6]],\"paused\":true}");
      long before = rssKiB(service);
      var readers = new ArrayList<Socket>();
      try {
        for (int i = 0; i < READERS / 3; i++) {
          readers.add(Wire.ask(service, JOBS + "/" + id + "/events"));
          readers.add(Wire.ask(service, JOBS + "/" + id + "?wait=300"));
          readers.add(
              Wire.ask(
                  service,
                  JOBS + "/" + id + "/results?follow=true",
                  "Accept: application/x-ndjson"));
        }
        awaitStreams(service, READERS / 3 * 3);
        for (int round = 0; round < 20; round++) {
          FloodIT.assertOthersAreServed(service, quiet);
        }
        long with = rssKiB(service);
        System.out.printf(
            "ReadersTorture: %d readers, %d MiB before, %d MiB with them, %d KiB each%n",
            readers.size(), before >> 10, with >> 10, (with - before) / readers.size());
        service.post(JOBS + "/" + id + "/cancel", "");
        for (var reader : readers) {
          // To the end, or it times out.
          assertThat(reader.getInputStream().readAllBytes()).isNotEmpty();
        }
      } finally {
        for (var reader : readers) {
          reader.close();
        }
      }
      awaitStreams(service, 0);
      assertThat(service.log()).doesNotContain("OutOfMemory", " failed\n");
    }
  }

  private static void awaitStreams(Service service, int wanted) {
    long until = System.nanoTime() + LONG_ENOUGH.toNanos();
    while (FloodIT.streams(service) != wanted) {
      assertThat(System.nanoTime()).as("streams: %s", FloodIT.streams(service)).isLessThan(until);
    }
  }

  private static long rssKiB(Service service) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + service.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
