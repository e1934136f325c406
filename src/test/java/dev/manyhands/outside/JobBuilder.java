package dev.manyhands.outside;

import dev.manyhands.outside.Service.Answer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.RawValue;

/**
 * Writes a job as a client would: {@code service.job().python("def f(x): return
 * x").range(100).threads(8).run()}.
 *
 * <p>Values are written as JSON by a mapper. The builder checks nothing, so that a test can send
 * what the service must refuse. A builder may be submitted several times.
 */
final class JobBuilder {
  private static final JsonMapper JSON = new JsonMapper();

  private final Service service;
  private final Map<String, Object> body = new LinkedHashMap<>();
  private final Map<String, Object> function = new LinkedHashMap<>();
  private final Map<String, Object> chunking = new LinkedHashMap<>();
  private final Map<String, Object> retry = new LinkedHashMap<>();
  private final Map<String, Object> timeouts = new LinkedHashMap<>();
  private final Map<String, String> labels = new LinkedHashMap<>();

  JobBuilder(Service service) {
    this.service = service;
  }

  // ---- the function

  /** Sets a function whose name the service finds in the code. */
  JobBuilder python(String code) {
    return runtime("python").function("code", code);
  }

  JobBuilder python(String code, String entry) {
    return python(code).function("entry", entry);
  }

  /** Sets a program and its arguments. The program reads a line an item, if nothing else is set. */
  JobBuilder command(String... argv) {
    return runtime("command").function("command", List.of(argv));
  }

  /** Sets the protocol of a command: lines, text or frames. */
  JobBuilder protocol(String protocol) {
    return function("protocol", protocol);
  }

  /** Sets that the answers of a command name their items. */
  JobBuilder indexed() {
    return function("indexed", true);
  }

  /** Sets a class of a jar in the service's directory of jars. */
  JobBuilder java(String className, String jar) {
    return runtime("java").function("class", className).function("jar", jar);
  }

  /** Sets a function that is built in or registered. */
  JobBuilder named(String name) {
    return option("function", name);
  }

  private JobBuilder runtime(String runtime) {
    function.clear();
    return function("runtime", runtime);
  }

  private JobBuilder function(String name, Object value) {
    return member("function", function, name, value);
  }

  JobBuilder call(String call) {
    return option("call", call);
  }

  JobBuilder starmap() {
    return call("starmap");
  }

  /** Sets arguments that every call gets. */
  JobBuilder common(Map<String, ?> arguments) {
    return option("common", arguments);
  }

  // ---- the inputs

  JobBuilder inputs(Object... items) {
    return option("inputs", Arrays.asList(items));
  }

  /** Sets inputs that are sent byte for byte. */
  JobBuilder inputsAsWritten(String json) {
    return optionAsWritten("inputs", json);
  }

  JobBuilder range(long stop) {
    return option("inputs", Map.of("range", Map.of("stop", stop)));
  }

  JobBuilder range(long start, long stop) {
    return option("inputs", Map.of("range", Map.of("start", start, "stop", stop)));
  }

  JobBuilder range(long start, long stop, long step) {
    return option("inputs", Map.of("range", Map.of("start", start, "stop", stop, "step", step)));
  }

  JobBuilder repeat(Object value, long times) {
    return option("inputs", Map.of("repeat", Map.of("value", value, "times", times)));
  }

  /** Leaves the inputs open: they are appended later. */
  JobBuilder open() {
    return option("inputs", Map.of("open", true));
  }

  /** Takes the results of another job as inputs. */
  JobBuilder results(String jobId) {
    return option("inputs", Map.of("results", jobId));
  }

  // ---- the shape of the work

  JobBuilder workers(int workers) {
    return option("workers", workers);
  }

  JobBuilder threads(int threads) {
    return option("threads", threads);
  }

  JobBuilder chunk(long size) {
    return member("chunking", chunking, "size", size);
  }

  /** Sets which items go first: input, reversed or shuffled. */
  JobBuilder order(String order) {
    return member("chunking", chunking, "order", order);
  }

  JobBuilder reduce(String reduce) {
    return option("reduce", reduce);
  }

  JobBuilder stopWhenTruthy(long results) {
    return option("stopWhen", Map.of("truthy", results));
  }

  JobBuilder stopWhenEquals(Object value) {
    return option("stopWhen", Map.of("equals", value));
  }

  JobBuilder seed(long seed) {
    return option("seed", seed);
  }

  JobBuilder cache() {
    return option("cache", true);
  }

  // ---- failures and limits

  JobBuilder maxFailures(long items) {
    return option("maxFailures", items);
  }

  /** Sets the share of items that may fail, such as {@code 5%}. */
  JobBuilder maxFailures(String share) {
    return option("maxFailures", share);
  }

  /** Sets whether a job that has failed goes on: continue or stop. */
  JobBuilder onError(String deed) {
    return option("onError", deed);
  }

  JobBuilder retryCrash(int attempts) {
    return member("retry", retry, "crash", attempts);
  }

  JobBuilder retryTimeout(int attempts) {
    return member("retry", retry, "timeout", attempts);
  }

  JobBuilder retryError(int attempts) {
    return member("retry", retry, "error", attempts);
  }

  JobBuilder backoff(double seconds) {
    return member("retry", retry, "backoff", seconds);
  }

  JobBuilder itemTimeout(double seconds) {
    return member("timeouts", timeouts, "item", seconds);
  }

  JobBuilder cpuTimeout(double seconds) {
    return member("timeouts", timeouts, "cpu", seconds);
  }

  JobBuilder memory(long bytes) {
    return option("memory", bytes);
  }

  /** Sets the memory of a worker with a unit, such as {@code 512MB}. */
  JobBuilder memory(String size) {
    return option("memory", size);
  }

  // ---- the time of the job

  JobBuilder paused() {
    return option("paused", true);
  }

  JobBuilder after(String... jobIds) {
    return option("after", List.of(jobIds));
  }

  JobBuilder notBefore(String instant) {
    return option("notBefore", instant);
  }

  JobBuilder ttl(double seconds) {
    return option("ttl", seconds);
  }

  // ---- words for people

  JobBuilder name(String name) {
    return option("name", name);
  }

  JobBuilder label(String key, String value) {
    labels.put(key, value);
    return option("labels", labels);
  }

  // ---- all the rest

  JobBuilder option(String name, Object value) {
    body.put(name, value);
    return this;
  }

  /** Sets an option to JSON that is sent byte for byte. */
  JobBuilder optionAsWritten(String name, String json) {
    return option(name, new RawValue(json));
  }

  private JobBuilder member(String option, Map<String, Object> members, String name, Object value) {
    members.put(name, value);
    return option(option, members);
  }

  // ---- the request

  /** Returns the body of the request. */
  String json() {
    return json(body);
  }

  static String json(Object value) {
    return JSON.writeValueAsString(value);
  }

  /** Sends the job, whether or not the service accepts it. */
  Answer post() {
    return service.post("/api/v1/jobs", json());
  }

  /**
   * Sends the job.
   *
   * @throws AssertionError if the service does not accept it
   */
  RunningJob submit() {
    return new RunningJob(service, service.submit(json()));
  }

  /** Sends the job and waits until it has ended. */
  FinishedJob run() {
    return submit().await();
  }
}
