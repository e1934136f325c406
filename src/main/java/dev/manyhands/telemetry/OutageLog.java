package dev.manyhands.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs once when a collector stops accepting spans, and once when it accepts them again. */
final class OutageLog implements SpanExporter {
  private static final Logger log = LoggerFactory.getLogger(OutageLog.class);

  private final SpanExporter exporter;
  private final String url;
  private final AtomicBoolean away = new AtomicBoolean();

  OutageLog(SpanExporter exporter, String url) {
    this.exporter = exporter;
    this.url = withoutUser(url);
  }

  /** Removes user and password, which must not be in the log. */
  private static String withoutUser(String url) {
    return url.replaceFirst("//[^/@]*@", "//");
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    var sent = exporter.export(spans);
    sent.whenComplete(() -> {
      if (!sent.isSuccess() && !away.getAndSet(true)) {
        log.warn(
            "{} does not take traces ({}): they are dropped until it does, jobs run all the same",
            url,
            why(sent.getFailureThrowable()));
      } else if (sent.isSuccess() && away.getAndSet(false)) {
        log.info("{} takes traces again", url);
      }
    });
    return sent;
  }

  private static String why(@Nullable Throwable failure) {
    return failure == null ? "it answers with an error" : failure.toString();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
