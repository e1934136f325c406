import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many clients at once, each with one connection that is kept: a job, its result, the next job.
 * Speaks HTTP itself, so that on a small machine it takes little from what it measures.
 *
 * <p>{@code java Load.java port clients body}; in the body {@code @} stands for the number of the
 * job, which must be the job's only result. Reads lines from stdin, each a number of jobs to run,
 * and answers with: seconds, CPU seconds of its own, median and 99th percentile of milliseconds.
 */
final class Load {
  private final int port;
  private final int clients;
  private final String body;

  private Load(int port, int clients, String body) {
    this.port = port;
    this.clients = clients;
    this.body = body;
  }

  public static void main(String[] args) throws Exception {
    var load = new Load(Integer.parseInt(args[0]), Integer.parseInt(args[1]), args[2]);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      load.run(Integer.parseInt(line));
    }
  }

  private void run(int jobs) throws Exception {
    var next = new AtomicInteger();
    var nanos = new long[jobs];
    Duration cpu = cpu();
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < clients; i++) {
        running.add(
            threads.submit(() -> {
              client(next, nanos);
              return null;
            }));
      }
      for (var one : running) {
        one.get();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Arrays.sort(nanos);
    System.out.printf(
        "%.6f %.3f %.3f %.3f%n",
        seconds,
        cpu().minus(cpu).toNanos() / 1e9,
        nanos[jobs / 2] / 1e6,
        nanos[(int) (jobs * 0.99)] / 1e6);
  }

  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private void client(AtomicInteger next, long[] nanos) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setTcpNoDelay(true);
      var in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
      for (int i; (i = next.getAndIncrement()) < nanos.length; ) {
        long start = System.nanoTime();
        socket.getOutputStream().write(request(body.replace("@", Integer.toString(i))));
        String answer = answer(in);
        if (!answer.contains("\"result\":[" + i + "]")) {
          throw new IOException("job " + i + " was answered with " + answer);
        }
        nanos[i] = System.nanoTime() - start;
      }
    }
  }

  private static byte[] request(String job) {
    return ("POST /api/v1/jobs?wait=60 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + job.length()
            + "\r\n\r\n"
            + job)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String answer(InputStream in) throws IOException {
    String status = line(in);
    int length = -1;
    boolean chunked = false;
    for (String header; !(header = line(in).toLowerCase(Locale.ROOT)).isEmpty(); ) {
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      }
      chunked |= header.startsWith("transfer-encoding:") && header.endsWith("chunked");
    }
    var text = new ByteArrayOutputStream();
    if (chunked) {
      for (int size; (size = Integer.parseInt(line(in), 16)) > 0; line(in)) {
        text.write(in.readNBytes(size));
      }
      line(in);
    } else {
      text.write(in.readNBytes(length));
    }
    return status + " " + text.toString(StandardCharsets.UTF_8);
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        throw new IOException("the connection was closed after: " + line);
      }
      line.append((char) c);
    }
    line.setLength(line.length() - 1);
    return line.toString();
  }
}
