package dev.manyhands.jobs.callback;

import dev.manyhands.jobs.callback.CheckedNames.ForbiddenAddressException;
import dev.manyhands.jobs.callback.Sender.Answer.Failed;
import dev.manyhands.jobs.callback.Sender.Answer.Replied;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.util.Timeout;

/**
 * Sends over HTTP/1.1, with TLS and a check of the host's name. Each attempt uses a connection of
 * its own to an address that was checked. The receiver is not trusted. There are no redirects, no
 * cookies and no decompression; headers are few and short; one deadline covers the whole attempt.
 * At most a kibibyte of the answer's body is read, and the bytes are ignored.
 */
final class HttpSender implements Sender {
  private static final int MAX_HEADERS = 100;
  private static final int MAX_LINE = 8 << 10;

  /**
   * Limit for the bytes of an answer's body that are read and ignored. A body that is not shorter
   * is cut off.
   */
  private static final int MAX_BODY = 1 << 10;

  /**
   * Limit for the lookups under way, for each slot. More than one, because an attempt may end
   * before its lookup does.
   */
  private static final int LOOKUPS_PER_SLOT = 4;

  private final CloseableHttpClient client;
  private final Duration timeout;

  /** Creates a sender whose SSL context specifies the trusted certificates. */
  HttpSender(CallbackSettings settings, Names names, SSLContext trust) {
    this.timeout = settings.timeout();
    this.client =
        HttpClients.custom()
            .setConnectionManager(connections(settings, checked(names, settings), trust))
            .setDefaultRequestConfig(
                RequestConfig.custom().setResponseTimeout(Timeout.of(timeout)).build())
            // A reused connection would lead to an earlier address of the name.
            .setConnectionReuseStrategy((request, response, context) -> false)
            .setUserAgent("Manyhands")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .build();
  }

  private static CheckedNames checked(Names names, CallbackSettings settings) {
    int lookups = LOOKUPS_PER_SLOT * settings.concurrency();
    return new CheckedNames(
        new TimelyNames(names, settings.timeout(), lookups), settings.allowed());
  }

  private static HttpClientConnectionManager connections(
      CallbackSettings settings, CheckedNames names, SSLContext trust) {
    Timeout timeout = Timeout.of(settings.timeout());
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setDnsResolver(names)
        .setTlsSocketStrategy(new DefaultClientTlsStrategy(trust))
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder()
                .http1Config(
                    Http1Config.custom()
                        .setBufferSize(MAX_BODY)
                        .setMaxHeaderCount(MAX_HEADERS)
                        .setMaxLineLength(MAX_LINE)
                        .build())
                .build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom().setConnectTimeout(timeout).setSocketTimeout(timeout).build())
        .setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(timeout).build())
        .setMaxConnTotal(settings.concurrency())
        .setMaxConnPerRoute(settings.concurrency())
        .build();
  }

  @Override
  public Answer send(Request request) {
    var post = new HttpPost(request.target());
    request.headers().forEach(post::setHeader);
    post.setHeader("Connection", "close");
    post.setEntity(new ByteArrayEntity(request.body(), ContentType.APPLICATION_JSON));
    var late = new AtomicBoolean();
    // The client's own timeouts begin anew with every byte that arrives.
    Thread deadline = Thread.ofVirtual().start(() -> abortLater(post, late));
    try {
      return exchange(post);
    } catch (IOException | HttpException failure) {
      return new Failed(
          late.get() || failure instanceof SocketTimeoutException
              ? "no answer within " + timeout.toMillis() / 1e3 + " s"
              : words(failure));
    } finally {
      deadline.interrupt();
    }
  }

  private void abortLater(HttpPost post, AtomicBoolean late) {
    try {
      Thread.sleep(timeout);
      late.set(true);
      post.abort();
    } catch (InterruptedException inTime) {
      // The exchange is over.
    }
  }

  private Answer exchange(HttpPost post) throws IOException, HttpException {
    ClassicHttpResponse response =
        client.executeOpen(RoutingSupport.determineHost(post), post, null);
    try {
      Header retryAfter = response.getFirstHeader("Retry-After");
      return new Replied(response.getCode(), retryAfter == null ? null : retryAfter.getValue());
    } finally {
      // Closing an answer reads the rest of it. After an abort, closing fails instead of reading.
      if (!endsSoon(response)) {
        post.abort();
      }
      Closer.closeQuietly(response);
    }
  }

  /**
   * Reads the beginning of an answer; returns whether the answer has ended. A short answer is read
   * to its end, because a receiver would count a cut connection as a failure.
   */
  private static boolean endsSoon(ClassicHttpResponse response) {
    HttpEntity entity = response.getEntity();
    try {
      return entity == null || entity.getContent().readNBytes(MAX_BODY).length < MAX_BODY;
    } catch (IOException broken) {
      return false; // only the status of the answer matters
    }
  }

  private static String words(Exception failure) {
    return switch (failure) {
      case ForbiddenAddressException _ ->
          "the host has an address that is not allowed (manyhands.callback.allow)";
      case UnknownHostException _ -> "the host's name could not be resolved";
      case SSLException _ -> "TLS failed: the certificate is not trusted or not for this host";
      case ConnectException _ -> "no connection";
      case NoRouteToHostException _ -> "no connection";
      case HttpException _ -> "the answer was not valid HTTP";
      default -> "the connection broke before an answer";
    };
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
