package dev.manyhands.config;

import dev.manyhands.worker.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * All settings of the service: {@code manyhands.data-dir} is also {@code MANYHANDS_DATA_DIR}. The
 * README lists them.
 *
 * @param dataDir where the embedded store, logs of jobs, unpacked bundles and scratch directories
 *     are
 * @param shutdownGrace how long chunks that have started may take to finish when the service is
 *     stopped
 * @param retention how long jobs are kept after their end that do not say it themselves ({@code
 *     ttl}); absent for as long as nobody deletes them
 */
@ConfigurationProperties("manyhands")
public record ManyhandsProperties(
    @DefaultValue("data") Path dataDir,
    @DefaultValue("10s") Duration shutdownGrace,
    @Nullable Duration retention,
    @DefaultValue Store store,
    @DefaultValue Workers workers,
    @DefaultValue Python python,
    @DefaultValue Java java,
    @DefaultValue Limits limits,
    @DefaultValue Streams streams,
    @DefaultValue Security security,
    @DefaultValue Callback callback,
    @DefaultValue Memo memo,
    @DefaultValue Tracing tracing) {

  /**
   * @param url JDBC URL of a PostgreSQL database; absent for the embedded SQLite
   * @param poolSize connections for reading
   */
  public record Store(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @DefaultValue("8") int poolSize) {
    @Override
    public String toString() {
      return "Store[url=" + url + ", username=" + username + ", password=***]";
    }
  }

  /**
   * @param slots how many run at once; 0 for one a processor
   * @param maxIdle how many are kept warm beyond the slots
   * @param idleTimeout how long one is kept warm
   * @param maxItems a worker is replaced after so many items; 0 for never
   * @param maxRss a worker is replaced when it holds more memory; 0 for never
   * @param memory a worker may hold whose job does not ask for another amount; 0 for no limit
   * @param memoryBudget workers that run something may hold together; 0 for no limit
   * @param openFiles of a process; 0 for what the system allows
   * @param processes of the user that workers run as; 0 for what the system allows
   * @param fileSize the longest file that workers may write; 0 for no limit
   * @param cpuTime processor time that an item may use, with all that it starts; 0 for no limit
   * @param scratch what may lie in a worker's own directory; 0 for no limit
   * @param sandbox how they are confined; absent for {@code process} as far as the system has what
   *     it takes
   * @param stopGrace how long a function may take to notice a stop before it is killed
   * @param startTimeout how long loading a function may take
   * @param environment variables that workers get; none of the service's own are passed on
   */
  public record Workers(
      @DefaultValue("0") int slots,
      @DefaultValue("4") int maxIdle,
      @DefaultValue("5m") Duration idleTimeout,
      @DefaultValue("0") long maxItems,
      @DefaultValue("0B") DataSize maxRss,
      @DefaultValue("0B") DataSize memory,
      @DefaultValue("0B") DataSize memoryBudget,
      @DefaultValue("0") int openFiles,
      @DefaultValue("0") int processes,
      @DefaultValue("0B") DataSize fileSize,
      @DefaultValue("0s") Duration cpuTime,
      @DefaultValue("10GB") DataSize scratch,
      @Nullable Sandbox sandbox,
      @DefaultValue("500ms") Duration stopGrace,
      @DefaultValue("60s") Duration startTimeout,
      @DefaultValue Map<String, String> environment) {}

  /**
   * @param interpreter a path (of a virtual environment, say) or a name on the PATH
   */
  public record Python(@DefaultValue("python3") String interpreter) {}

  /**
   * @param jars where the jars with Java functions are
   * @param options of the JVM of Java workers
   */
  public record Java(
      @DefaultValue("functions") Path jars,
      @DefaultValue({"-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"})
          List<String> options) {}

  /**
   * @param body of a request
   * @param spec of a job without its inputs, or of a function's definition
   * @param items of a job
   * @param item bytes of one input
   * @param result bytes of one result
   * @param depth of arrays and objects in JSON
   * @param numberLength characters of a number in JSON
   * @param unfinishedJobs that wait or run
   * @param streams requests that stream or wait, at once; 0 for as many as the heap has room for
   * @param bundle of a file that a function is uploaded with
   * @param bundleUnpacked of all that is in a zip
   * @param bundleEntries files and directories in a zip or jar
   * @param jobLog how much is kept of what a job prints; 0 for nothing
   */
  public record Limits(
      @DefaultValue("256MB") DataSize body,
      @DefaultValue("4MB") DataSize spec,
      @DefaultValue("100000000") long items,
      @DefaultValue("16MB") DataSize item,
      @DefaultValue("16MB") DataSize result,
      @DefaultValue("100") int depth,
      @DefaultValue("1000") int numberLength,
      @DefaultValue("100000") int unfinishedJobs,
      @DefaultValue("0") int streams,
      @DefaultValue("64MB") DataSize bundle,
      @DefaultValue("512MB") DataSize bundleUnpacked,
      @DefaultValue("10000") int bundleEntries,
      @DefaultValue("1MB") DataSize jobLog) {}

  /**
   * @param heartbeat how often a stream gives a sign of life
   */
  public record Streams(@DefaultValue("15s") Duration heartbeat) {}

  /**
   * @param tokens bearer tokens that let clients in, plain or as {@code sha256:<hex>}; none:
   *     loopback only
   * @param allowedHosts names under which the service may be called when there are no tokens
   */
  public record Security(
      @DefaultValue List<String> tokens, @DefaultValue List<String> allowedHosts) {
    @Override
    public String toString() {
      return "Security[tokens=" + tokens.size() + ", allowedHosts=" + allowedHosts + "]";
    }
  }

  /**
   * @param secret signs callbacks of jobs that bring no secret; absent for none
   * @param allowPrivate whether callbacks may go to addresses that are not public
   * @param attempts to deliver one
   * @param timeout of an attempt
   * @param concurrency attempts at once
   */
  public record Callback(
      @Nullable String secret,
      @DefaultValue("false") boolean allowPrivate,
      @DefaultValue("10") int attempts,
      @DefaultValue("15s") Duration timeout,
      @DefaultValue("32") int concurrency) {
    @Override
    public String toString() {
      return "Callback[secret=***, allowPrivate=" + allowPrivate + "]";
    }
  }

  /**
   * @param maxBytes kept of what functions have returned for items of jobs with {@code cache}; 0
   *     for nothing
   * @param maxValue a larger value is not remembered
   */
  public record Memo(
      @DefaultValue("256MB") DataSize maxBytes, @DefaultValue("1MB") DataSize maxValue) {}

  /**
   * @param endpoint where spans of jobs are sent, by OTLP over HTTP ({@code
   *     http://127.0.0.1:4318}); none: nowhere. {@code OTEL_EXPORTER_OTLP_ENDPOINT} is taken too
   * @param headers sent along, such as a collector's key
   * @param share of the traces that begin here which are kept, 0 to 1; of a client's own its {@code
   *     traceparent} says it
   * @param service the name under which a collector shows this service; {@code OTEL_SERVICE_NAME}
   *     is taken too
   */
  public record Tracing(
      @Nullable String endpoint,
      @DefaultValue Map<String, String> headers,
      @DefaultValue("1") double share,
      @DefaultValue("manyhands") String service) {
    @Override
    public String toString() {
      return "Tracing[endpoint=" + endpoint + ", headers=" + headers.keySet() + "]";
    }
  }
}
