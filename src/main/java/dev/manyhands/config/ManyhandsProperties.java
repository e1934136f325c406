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
 * All settings of the service: {@code manyhands.data-dir} is also {@code MANYHANDS_DATA_DIR}. What
 * is said of each here is what users read: {@code docs/settings.md} is made of it ({@code
 * SettingsPageTest}). A parameter must not stand after one whose name begins with its own, or the
 * processor takes that one's words for it.
 *
 * @param dataDir embedded store, logs of jobs, unpacked bundles, scratch directories of workers.
 *     Hidden from functions; functions cannot write into the directory it is in, so give it a place
 *     of its own
 * @param shutdownGrace how long started items may take to finish when it is stopped
 * @param retention how long jobs without a {@code ttl} are kept after their end ({@code 30d});
 *     none: until somebody deletes them
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
   * @param url {@code jdbc:postgresql://host/database} for PostgreSQL; none: SQLite in the data
   *     directory
   * @param username for PostgreSQL
   * @param password for PostgreSQL; give it as an environment variable, arguments can be read by
   *     everybody
   * @param poolSize connections for reading
   * @param lockWait how long a start waits while another service uses the PostgreSQL database; then
   *     it is refused
   */
  public record Store(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @DefaultValue("8") int poolSize,
      @DefaultValue("60s") Duration lockWait) {
    @Override
    public String toString() {
      return "Store[url=" + url + ", username=" + username + ", password=***]";
    }
  }

  /**
   * @param slots workers that run at once; 0: one a processor
   * @param maxIdle warm workers kept beyond the slots
   * @param idleTimeout how long a worker is kept warm
   * @param maxItems a worker is replaced after so many items; 0: never
   * @param maxRss a worker is replaced when it holds more memory ({@code 500MB}); 0: never
   * @param memory what a worker, with all it starts, may hold if its job does not say ({@code
   *     1GB}); 0: no limit, or its share of the budget
   * @param memoryBudget what workers that run something may hold together: chunks wait until there
   *     is room; 0: no limit
   * @param openFiles open files of each process of a worker; 0: the system's own limit
   * @param processes processes of the user that workers run as: all of the user's are counted, and
   *     none of root's; 0: the system's own limit
   * @param fileSize the longest file that a worker may write; 0: no limit
   * @param cpuTime processor time that an item may use, with all it starts ({@code 10m}); a job may
   *     ask for less by {@code timeouts.cpu}; 0: no limit
   * @param scratch what a worker's own directory may hold: it lies on the disk of the data
   *     directory, which must not run full; 0: no limit
   * @param sandbox {@code none}, {@code process} (no new privileges, scrubbed environment, limits,
   *     nothing of the data directory, no calls that change other processes; needs a kernel with
   *     Landlock and seccomp, and without one the default starts all the same and says so) or
   *     {@code namespace} (besides: no network, read-only files; needs bubblewrap 0.7 or later).
   *     What is asked for is in force, or the service does not start; {@code GET /api/v1/limits}
   *     shows it. None: {@code process} where possible
   * @param user {@code user:group} that workers run as, by name or number, so that no function is
   *     the service's own user; only for a service that is run by root. None: the service's own
   * @param stopGrace how long a function may take to notice a stop before it is killed
   * @param startTimeout how long loading a function may take
   * @param environment variables for workers; they get nothing of the service's own. As properties
   *     or arguments: an environment variable would give their names in lower case
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
      @Nullable String user,
      @DefaultValue("500ms") Duration stopGrace,
      @DefaultValue("60s") Duration startTimeout,
      @DefaultValue Map<String, String> environment) {}

  /**
   * @param interpreter of Python functions: a path (of a virtual environment, say), or a name on
   *     the PATH
   */
  public record Python(@DefaultValue("python3") String interpreter) {}

  /**
   * @param jars directory of jars with Java functions
   * @param options of the JVM of Java workers
   */
  public record Java(
      @DefaultValue("functions") Path jars,
      @DefaultValue({"-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"})
          List<String> options) {}

  /**
   * @param body bytes of a request
   * @param spec bytes of a job without its array of inputs, and of a function's definition
   * @param item bytes of one input
   * @param items items of a job
   * @param result bytes of one result; at most an eighth of the heap, divided by the slots, so that
   *     a result of each worker fits in memory
   * @param depth how deep arrays and objects may lie in each other in JSON of requests
   * @param numberLength characters of a number in JSON of requests
   * @param unfinishedJobs jobs that wait or run; beyond, 503
   * @param streams requests at once that stream (events, results as lines, uploads of lines) or
   *     wait ({@code wait=}); beyond, 503. 0: as many as half of the heap has room for (4,096 with
   *     {@code -Xmx1g}), at most 10,000
   * @param bundle bytes of a file that a function is uploaded as
   * @param bundleUnpacked bytes of what is in a zip, counted while it comes out
   * @param bundleEntries files and directories in a zip or jar
   * @param jobLog kept of what a job prints: the first part and the last; 0: nothing
   */
  public record Limits(
      @DefaultValue("256MB") DataSize body,
      @DefaultValue("4MB") DataSize spec,
      @DefaultValue("16MB") DataSize item,
      @DefaultValue("100000000") long items,
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
   * @param heartbeat how often a stream of events or results gives a sign of life, so that proxies
   *     keep it open and a reader that is gone is noticed
   */
  public record Streams(@DefaultValue("15s") Duration heartbeat) {}

  /**
   * @param tokens bearer tokens that let clients in, separated by commas; plain (16 characters or
   *     more) or {@code sha256:} and the hex digest; none: loopback only
   * @param allowedHosts names in {@code Host} that pass besides loopback's, without tokens
   */
  public record Security(
      @DefaultValue List<String> tokens, @DefaultValue List<String> allowedHosts) {
    @Override
    public String toString() {
      return "Security[tokens=" + tokens.size() + ", allowedHosts=" + allowedHosts + "]";
    }
  }

  /**
   * @param secret signs callbacks of jobs that bring no secret: {@code whsec_} and the Base64 of 24
   *     to 64 bytes
   * @param allowPrivate callbacks may go to private, loopback and link-local addresses
   * @param attempts to deliver a callback: ten take about a day
   * @param timeout of an attempt to deliver a callback
   * @param concurrency attempts to deliver at once
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
   * @param maxBytes kept for jobs with {@code cache}: keys and values; 0: nothing
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
