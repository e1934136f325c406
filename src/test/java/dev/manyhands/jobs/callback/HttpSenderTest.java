package dev.manyhands.jobs.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.manyhands.jobs.callback.Sender.Answer;
import dev.manyhands.jobs.callback.Sender.Answer.Failed;
import dev.manyhands.jobs.callback.Sender.Answer.Replied;
import dev.manyhands.jobs.callback.Sender.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One attempt, against real servers on loopback. */
class HttpSenderTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final byte[] BODY = "{\"a\": \"ü\"}".getBytes(UTF_8);

  private record Seen(String path, Map<String, List<String>> headers, byte[] body) {}

  private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 204;
  private volatile String extraHeader = "";

  @BeforeEach
  void startServer() throws Exception {
    server = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
    answering(server);
  }

  private void answering(HttpServer some) {
    some.createContext(
        "/",
        exchange -> {
          seen.add(
              new Seen(
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders(),
                  exchange.getRequestBody().readAllBytes()));
          if (!extraHeader.isEmpty()) {
            String[] parts = extraHeader.split(": ", 2);
            exchange.getResponseHeaders().set(parts[0], parts[1]);
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    some.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  private InetAddress[] here(String host) {
    asked.add(host);
    return new InetAddress[] {HERE};
  }

  private static CallbackSettings settings(boolean allowPrivate, Duration timeout) {
    return settings(AllowedReceivers.of(allowPrivate, List.of()), timeout);
  }

  private static CallbackSettings settings(AllowedReceivers allowed, Duration timeout) {
    return new CallbackSettings(null, allowed, 10, timeout, 4);
  }

  private static Answer send(HttpSender sender, String url) {
    try (sender) {
      return sender.send(new Request(URI.create(url), Map.of("webhook-id", "msg_1"), BODY));
    }
  }

  private Answer send(String url) throws Exception {
    return send(new HttpSender(settings(true, PATIENCE), this::here, SSLContext.getDefault()), url);
  }

  private Answer sendToThePublic(String url, Names names) throws Exception {
    return send(new HttpSender(settings(false, PATIENCE), names, SSLContext.getDefault()), url);
  }

  private String url(String host) {
    return "http://" + host + ":" + server.getAddress().getPort() + "/done?key=1";
  }

  @Test
  void aNameThatIsNeverAnsweredCostsItsTimeAndNoMore() throws Exception {
    var never = new CountDownLatch(1);
    Names silent =
        host -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(host);
        };
    var sender =
        new HttpSender(settings(true, Duration.ofMillis(50)), silent, SSLContext.getDefault());
    var answer = CompletableFuture.supplyAsync(() -> send(sender, url("silent.example")));
    try {
      assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
    } finally {
      never.countDown();
    }
  }

  @Test
  void lookupsThatAreNotAnsweredAreBounded() throws Exception {
    var never = new CountDownLatch(1);
    var under = new AtomicInteger();
    Names silent =
        host -> {
          under.incrementAndGet();
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(host);
        };
    var names = new TimelyNames(silent, Duration.ofMillis(1), 3);
    try {
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(() -> names.resolve("silent.example"))
            .isInstanceOf(UnknownHostException.class);
      }
      assertThat(under.get()).isLessThanOrEqualTo(3);
    } finally {
      never.countDown();
    }
  }

  @Test
  void theReceiverGetsTheBodyAsItIs() throws Exception {
    assertThat(send(url("hooks.example"))).isEqualTo(new Replied(204, null));

    Seen request = seen.remove();
    assertThat(request.path()).isEqualTo("/done?key=1");
    assertThat(request.body()).isEqualTo(BODY);
    assertThat(request.headers().get("Content-type").getFirst()).startsWith("application/json");
    assertThat(request.headers().get("Webhook-id")).containsExactly("msg_1");
    assertThat(request.headers().get("Host"))
        .containsExactly("hooks.example:" + server.getAddress().getPort());
  }

  /** DNS rebinding: the answer changes between the check and the connection. */
  @Test
  void theAddressThatWasCheckedIsTheOneConnectedTo() throws Exception {
    InetAddress elsewhere = InetAddress.ofLiteral("127.0.0.2");
    var trapped = new AtomicInteger();
    var trap =
        HttpServer.create(new InetSocketAddress(elsewhere, server.getAddress().getPort()), 0);
    trap.createContext(
        "/",
        exchange -> {
          trapped.incrementAndGet();
          exchange.sendResponseHeaders(418, -1);
          exchange.close();
        });
    trap.start();
    Names changing =
        host -> {
          asked.add(host);
          return new InetAddress[] {asked.size() == 1 ? HERE : elsewhere};
        };
    try (var sender = new HttpSender(settings(true, PATIENCE), changing, SSLContext.getDefault())) {
      var request = new Request(URI.create(url("hooks.example")), Map.of(), BODY);
      assertThat(sender.send(request)).isEqualTo(new Replied(204, null));
      assertThat(asked).hasSize(1);
      assertThat(trapped.get()).isZero();
      assertThat(sender.send(request)).isEqualTo(new Replied(418, null));
      assertThat(trapped.get()).isEqualTo(1);
    } finally {
      trap.stop(0);
    }
  }

  @Test
  void aNameThatHasMovedToAPrivateAddressIsRefusedAtTheNextAttempt() throws Exception {
    InetAddress outside = InetAddress.ofLiteral("8.8.8.8");
    Names moving =
        host -> {
          asked.add(host);
          return new InetAddress[] {asked.size() == 1 ? outside : HERE};
        };
    var checked = new CheckedNames(moving, AllowedReceivers.PUBLIC);
    assertThat(checked.resolve("hooks.example")).containsExactly(outside);
    assertThatThrownBy(() -> checked.resolve("hooks.example"))
        .isInstanceOf(CheckedNames.ForbiddenAddressException.class);
    assertThat(sendToThePublic(url("hooks.example"), moving)).isInstanceOf(Answer.Failed.class);
    assertThat(asked).hasSize(3);
    assertThat(seen).isEmpty();
  }

  @Test
  void aNameIsResolvedOnceAnAttemptAndAnewForTheNext() throws Exception {
    try (var sender =
        new HttpSender(settings(true, PATIENCE), this::here, SSLContext.getDefault())) {
      var request = new Request(URI.create(url("hooks.example")), Map.of(), BODY);
      assertThat(sender.send(request)).isEqualTo(new Replied(204, null));
      assertThat(asked).containsExactly("hooks.example");
      assertThat(sender.send(request)).isEqualTo(new Replied(204, null));
      assertThat(asked).containsExactly("hooks.example", "hooks.example");
    }
  }

  @Test
  void nothingIsSentToAPrivateAddress() throws Exception {
    var refused =
        new Failed("the host has an address that is not allowed (manyhands.callback.allow)");
    assertThat(sendToThePublic(url("hooks.example"), this::here)).isEqualTo(refused);
    assertThat(sendToThePublic(url("127.0.0.1"), Names.SYSTEM)).isEqualTo(refused);
    assertThat(sendToThePublic(url("127.1"), Names.SYSTEM)).isEqualTo(refused);
    assertThat(sendToThePublic(url("[::1]"), Names.SYSTEM)).isEqualTo(refused);
    assertThat(sendToThePublic(url("[::ffff:127.0.0.1]"), Names.SYSTEM)).isEqualTo(refused);
    assertThat(sendToThePublic(url("localhost"), Names.SYSTEM)).isEqualTo(refused);
    Names mixed = host -> new InetAddress[] {InetAddress.ofLiteral("8.8.8.8"), HERE};
    assertThat(sendToThePublic(url("hooks.example"), mixed)).isEqualTo(refused);
    assertThat(seen).isEmpty();
  }

  @Test
  void anAllowedNameOrNetworkIsReached() throws Exception {
    for (String entry : List.of("hooks.example", HERE.getHostAddress() + "/32")) {
      var allowed = AllowedReceivers.of(false, List.of(entry));
      var sender = new HttpSender(settings(allowed, PATIENCE), this::here, SSLContext.getDefault());
      assertThat(send(sender, url("hooks.example"))).isEqualTo(new Replied(204, null));
    }
    var other = AllowedReceivers.of(false, List.of("other.example"));
    var sender = new HttpSender(settings(other, PATIENCE), this::here, SSLContext.getDefault());
    assertThat(send(sender, url("hooks.example"))).isInstanceOf(Failed.class);
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    status = 307;
    extraHeader = "Location: " + url("other.example");

    assertThat(send(url("hooks.example"))).isEqualTo(new Replied(307, null));
    assertThat(seen).hasSize(1);
    assertThat(asked).containsExactly("hooks.example");
  }

  @Test
  void aReceiverMaySayWhenItIsBack() throws Exception {
    status = 503;
    extraHeader = "Retry-After: 120";

    assertThat(send(url("hooks.example"))).isEqualTo(new Replied(503, "120"));
  }

  @Test
  void nobodyThereIsSaidSo() throws Exception {
    String url = url("hooks.example");
    server.stop(0);

    assertThat(send(url)).isEqualTo(new Failed("no connection"));
    Names unknown =
        host -> {
          throw new UnknownHostException(host);
        };
    assertThat(sendToThePublic(url, unknown))
        .isEqualTo(new Failed("the host's name could not be resolved"));
  }

  /** How many bytes of its endless answer the server got rid of. */
  private static CompletableFuture<Long> answerForever(ServerSocket listener, String head) {
    return CompletableFuture.supplyAsync(() -> {
      long written = 0;
      try (Socket socket = listener.accept()) {
        var out = socket.getOutputStream();
        out.write(head.getBytes(UTF_8));
        byte[] block = "x".repeat(1 << 16).getBytes(UTF_8);
        while (written < (1L << 32)) {
          out.write(block);
          written += block.length;
        }
      } catch (IOException cut) {
        return written;
      }
      return written;
    });
  }

  @Test
  void theBodyOfAnAnswerIsNotReadToItsEnd() throws Exception {
    for (String length :
        List.of("", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n")) {
      try (var listener = new ServerSocket(0, 1, HERE)) {
        String start = length.startsWith("T") ? "fffffff0\r\n" : "";
        var written = answerForever(listener, "HTTP/1.1 200 OK\r\n" + length + "\r\n" + start);

        assertThat(send("http://hooks.example:" + listener.getLocalPort() + "/"))
            .isEqualTo(new Replied(200, null));
        // The limit is the bytes that the kernel's buffers can hold on both sides.
        assertThat(written.get(30, TimeUnit.SECONDS)).isLessThan(64L << 20);
      }
    }
  }

  @Test
  void aShortAnswerMayBeWrittenToItsEnd() throws Exception {
    try (var listener = new ServerSocket(0, 1, HERE)) {
      var waitedFor =
          CompletableFuture.supplyAsync(() -> {
            try (Socket socket = listener.accept()) {
              var in = socket.getInputStream();
              for (int next = 0; next != '}'; ) { // the end of the message
                next = in.read();
              }
              var out = socket.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no".getBytes(UTF_8));
              socket.setSoTimeout(200);
              in.read();
              return false;
            } catch (SocketTimeoutException neitherClosedNorReset) {
              return true;
            } catch (IOException cut) {
              return false;
            }
          });

      assertThat(send("http://hooks.example:" + listener.getLocalPort() + "/"))
          .isEqualTo(new Replied(200, null));
      assertThat(waitedFor.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void headersWithoutEndAreNoAnswer() throws Exception {
    try (var listener = new ServerSocket(0, 1, HERE)) {
      var written = answerForever(listener, "HTTP/1.1 200 OK\r\nX: ");

      assertThat(send("http://hooks.example:" + listener.getLocalPort() + "/"))
          .isInstanceOf(Failed.class);
      assertThat(written.get(30, TimeUnit.SECONDS)).isLessThan(64L << 20);
    }
  }

  @Test
  void anAnswerThatTricklesInIsCutAtTheDeadline() throws Exception {
    try (var listener = new ServerSocket(0, 1, HERE)) {
      var trickle =
          CompletableFuture.runAsync(() -> {
            try (Socket socket = listener.accept()) {
              var out = socket.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
              while (true) {
                out.write("A: b\r\n".getBytes(UTF_8));
                out.flush();
                // Ends at once when the other side has gone.
                socket.setSoTimeout(50);
                try {
                  if (socket.getInputStream().read(new byte[1 << 16]) < 0) {
                    return;
                  }
                } catch (SocketTimeoutException stillThere) {
                  continue;
                }
              }
            } catch (IOException cut) {
              // The loop waits for this exception.
            }
          });
      var sender =
          new HttpSender(
              settings(true, Duration.ofMillis(400)), this::here, SSLContext.getDefault());

      assertThat(send(sender, "http://hooks.example:" + listener.getLocalPort() + "/"))
          .isEqualTo(new Failed("no answer within 0.4 s"));
      trickle.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void tlsNamesTheHostAndNotTheAddress(@TempDir Path directory) throws Exception {
    SSLContext tls = tlsFor("hooks.example", directory.resolve("keys.p12"));
    var secure = HttpsServer.create(new InetSocketAddress(HERE, 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(tls));
    answering(secure);
    try {
      int port = secure.getAddress().getPort();
      CallbackSettings settings = settings(true, PATIENCE);
      assertThat(
              send(
                  new HttpSender(settings, this::here, tls), "https://hooks.example:" + port + "/"))
          .isEqualTo(new Replied(204, null));
      var failed = new Failed("TLS failed: the certificate is not trusted or not for this host");
      assertThat(
              send(
                  new HttpSender(settings, this::here, tls), "https://other.example:" + port + "/"))
          .isEqualTo(failed);
      assertThat(
              send(
                  new HttpSender(settings, this::here, SSLContext.getDefault()),
                  "https://hooks.example:" + port + "/"))
          .isEqualTo(failed);
      assertThat(seen).hasSize(1);
    } finally {
      secure.stop(0);
    }
  }

  /** Has a certificate for this host, and trusts it. */
  private static SSLContext tlsFor(String host, Path keys) throws Exception {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var made =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=dns:" + host,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                keys.toString())
            .inheritIO()
            .start();
    assertThat(made.waitFor()).isZero();
    var store = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(keys)) {
      store.load(in, "changeit".toCharArray());
    }
    var ours = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    ours.init(store, "changeit".toCharArray());
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(ours.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }
}
