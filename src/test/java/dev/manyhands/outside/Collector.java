package dev.manyhands.outside;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Takes traces as any collector does: by OTLP, in protobuf over HTTP, on a port of loopback. */
final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final List<Told> spans = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();

  /** The requests, by their headers of this name. */
  final List<String> keys = new CopyOnWriteArrayList<>();

  /** A span, and the service that reported it. */
  record Told(String service, Span span) {
    String name() {
      return span.getName();
    }

    String trace() {
      return hex(span.getTraceId().toByteArray());
    }

    String id() {
      return hex(span.getSpanId().toByteArray());
    }

    String parent() {
      return hex(span.getParentSpanId().toByteArray());
    }

    long number(String attribute) {
      return span.getAttributesList().stream()
          .filter(one -> one.getKey().equals(attribute))
          .map(KeyValue::getValue)
          .findFirst()
          .orElseThrow()
          .getIntValue();
    }

    private static String hex(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
  }

  private Collector(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  static Collector start() throws IOException {
    return new Collector(0);
  }

  static Collector startAt(int port) throws IOException {
    return new Collector(port);
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Collector-Key")));
      var request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
      lock.lock();
      try {
        for (var resource : request.getResourceSpansList()) {
          String service =
              resource.getResource().getAttributesList().stream()
                  .filter(one -> one.getKey().equals("service.name"))
                  .map(one -> one.getValue().getStringValue())
                  .findFirst()
                  .orElse("");
          for (var scope : resource.getScopeSpansList()) {
            scope.getSpansList().forEach(span -> spans.add(new Told(service, span)));
          }
        }
        more.signalAll();
      } finally {
        lock.unlock();
      }
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  /** All spans that came, as soon as they are such. */
  List<Told> await(Predicate<List<Told>> enough) throws InterruptedException {
    long nanos = TimeUnit.SECONDS.toNanos(60);
    lock.lock();
    try {
      while (!enough.test(List.copyOf(spans))) {
        nanos = more.awaitNanos(nanos);
        if (nanos <= 0) {
          throw new AssertionError("only these came: " + spans);
        }
      }
      return List.copyOf(spans);
    } finally {
      lock.unlock();
    }
  }

  /** The spans of a trace, when the job's own, the last of all, has come. */
  List<Told> awaitJob(String trace) throws InterruptedException {
    return await(all ->
            all.stream().anyMatch(one -> one.trace().equals(trace) && one.name().equals("job")))
        .stream()
        .filter(one -> one.trace().equals(trace))
        .toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
