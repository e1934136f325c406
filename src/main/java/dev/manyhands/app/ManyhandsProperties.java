package dev.manyhands.app;

import dev.manyhands.engine.worker.sandbox.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * All settings of the service. The setting {@code manyhands.data-dir} can also be given as {@code
 * MANYHANDS_DATA_DIR}. The Javadoc of each component is published in {@code
 * docs/reference/settings.md} ({@code SettingsPageTest}). Declare a component before any other
 * whose name starts with its name: Spring's annotation processor matches {@code @param} by prefix.
 *
 * @param dataDir directory of the embedded store, job logs, unpacked bundles and scratch
 *     directories of workers. Hidden from functions; functions cannot write into its parent
 *     directory, so give it a place of its own
 * @param shutdownGrace how long started items may take to finish when the service is stopped
 * @param retention how long jobs without a {@code ttl} are kept after their end ({@code 30d}); not
 *     set: until somebody deletes them
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
    @DefaultValue Shared shared,
    @DefaultValue Tracing tracing) {

  /**
   * @param url {@code jdbc:postgresql://host/database} for PostgreSQL; not set: SQLite in the data
   *     directory
   * @param username for PostgreSQL
   * @param password for PostgreSQL; set it as an environment variable, because everybody can read
   *     arguments
   * @param poolSize connections for reading
   * @param lockWait how long a start waits while another service uses the PostgreSQL database;
   *     after that, the start is refused
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
   * @param slots workers that run at once; 0: one for each processor
   * @param maxIdle warm workers kept beyond the slots
   * @param idleTimeout how long a worker is kept warm
   * @param maxItems items after which a worker is replaced; 0: never
   * @param maxRss memory above which a worker is replaced ({@code 500MB}); 0: never
   * @param memory memory that a worker, with all it starts, may hold if its job sets none ({@code
   *     1GB}); 0: no limit, or its share of the budget
   * @param memoryBudget memory that all busy workers may hold together: chunks wait until there is
   *     room; 0: no limit
   * @param openFiles open files of each process of a worker; 0: the system's own limit
   * @param processes processes of the user that workers run as: all processes of this user count,
   *     and root is not limited; 0: the system's own limit
   * @param fileSize the longest file that a worker may write; 0: no limit
   * @param cpuTime processor time that an item may use, with all it starts ({@code 10m}); a job may
   *     set less by {@code timeouts.cpu}; 0: no limit
   * @param scratch size of a worker's own directory: it is on the disk of the data directory, which
   *     must not run full; 0: no limit
   * @param sandbox {@code none}, {@code process} (no new privileges, scrubbed environment, limits,
   *     no access to the data directory, no calls that change other processes; needs a kernel with
   *     Landlock and seccomp; without one, the default starts anyway and reports this) or {@code
   *     namespace} (also no network, read-only files; needs bubblewrap 0.7 or later). A value that
   *     is set is in force, or the service does not start; {@code GET /api/v1/limits} shows the
   *     value in force. Not set: {@code process} where possible
   * @param user {@code user:group} that workers run as, by name or number, so that no function runs
   *     as the service's own user; only for a service that is run by root. Not set: the service's
   *     own user
   * @param stopGrace how long a function may take to notice a stop before it is killed
   * @param startTimeout how long loading a function may take
   * @param environment variables for workers; workers get no variable of the service's own. Set
   *     them as properties or arguments: an environment variable would give their names in lower
   *     case
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
   * @param interpreter interpreter of Python functions: a path, for example of a virtual
   *     environment, or a name on the PATH
   */
  public record Python(@DefaultValue("python3") String interpreter) {}

  /**
   * @param jars directory of jars with Java functions
   * @param options options of the JVM of Java workers
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
   * @param depth how deep arrays and objects may be nested in JSON of requests
   * @param numberLength characters of a number in JSON of requests
   * @param unfinishedJobs jobs that wait or run; further jobs get 503
   * @param streams requests at once that stream (events, results as lines, uploads of lines) or
   *     wait ({@code wait=}); further requests get 503. 0: as many as half of the heap has room for
   *     (4,096 with {@code -Xmx1g}), at most 10,000
   * @param bundle bytes of a file that is uploaded as a function
   * @param bundleUnpacked bytes of the content of a zip, counted while it is unpacked
   * @param bundleEntries files and directories in a zip or jar
   * @param jobLog bytes kept of the output of a job: the first part and the last; 0: none
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
   * @param heartbeat how often a stream of events or results sends a sign of life: proxies keep the
   *     stream open, and a reader that is gone is noticed
   */
  public record Streams(@DefaultValue("15s") Duration heartbeat) {}

  /**
   * @param tokens bearer tokens that let clients in, separated by commas; plain (16 characters or
   *     more) or {@code sha256:} and the hex digest; not set: loopback only
   * @param metricsTokens bearer tokens that may only read the metrics, written as {@code tokens}
   * @param allowedHosts names in {@code Host} that are accepted besides those of loopback, if there
   *     are no tokens
   */
  public record Security(
      @DefaultValue List<String> tokens,
      @DefaultValue List<String> metricsTokens,
      @DefaultValue List<String> allowedHosts) {
    @Override
    public String toString() {
      return "Security[tokens="
          + tokens.size()
          + ", metricsTokens="
          + metricsTokens.size()
          + ", allowedHosts="
          + allowedHosts
          + "]";
    }
  }

  /**
   * @param secret signs callbacks of jobs without a secret: {@code whsec_} and the Base64 of 24 to
   *     64 bytes
   * @param allow receivers that are allowed besides public addresses, separated by commas: networks
   *     ({@code 10.1.0.0/16}), addresses, names of hosts
   * @param allowPrivate whether callbacks may go to private, loopback and link-local addresses
   * @param attempts attempts to deliver a callback; ten take about a day
   * @param timeout time limit of an attempt to deliver a callback
   * @param concurrency attempts to deliver callbacks at once
   */
  public record Callback(
      @Nullable String secret,
      @DefaultValue List<String> allow,
      @DefaultValue("false") boolean allowPrivate,
      @DefaultValue("10") int attempts,
      @DefaultValue("15s") Duration timeout,
      @DefaultValue("32") int concurrency) {
    @Override
    public String toString() {
      return "Callback[secret=***, allow=" + allow + ", allowPrivate=" + allowPrivate + "]";
    }
  }

  /**
   * @param maxBytes bytes kept for jobs with {@code cache}, keys and values; 0: nothing
   * @param maxValue largest value that is remembered
   */
  public record Memo(
      @DefaultValue("256MB") DataSize maxBytes, @DefaultValue("1MB") DataSize maxValue) {}

  /**
   * @param maxBytes bytes that the shared objects of a job or of a set may hold, keys and values;
   *     all that are in use together hold at most an eighth of the heap
   * @param sets sets of shared objects that there may be at one time
   */
  public record Shared(@DefaultValue("16MB") DataSize maxBytes, @DefaultValue("1000") int sets) {}

  /**
   * @param endpoint URL that spans of jobs are sent to, by OTLP over HTTP ({@code
   *     http://127.0.0.1:4318}); not set: no spans are sent. {@code OTEL_EXPORTER_OTLP_ENDPOINT} is
   *     read too
   * @param headers headers that are sent along, such as a collector's key
   * @param share share of the traces that begin here which are kept, 0 to 1; for a client's own
   *     trace, its {@code traceparent} decides
   * @param service the name under which a collector shows this service; {@code OTEL_SERVICE_NAME}
   *     is read too
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
