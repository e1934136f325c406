package dev.manyhands.http.result;

import dev.manyhands.http.Accepted;
import dev.manyhands.http.Heartbeat;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.http.Streaming;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Results over HTTP: as a page, or as a stream of lines that may follow a job while it runs. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/results")
public class ResultsController {
  public static final int MAX_PER_PAGE = 1_000_000;
  private static final long DEFAULT_PER_PAGE = 1_000;

  /** As small as the server's own buffer behind it, because thousands of readers may wait. */
  private static final int BUFFER = 8 << 10;

  private final JobDesk jobs;
  private final ResultsWriter results;
  private final CompletionLines completions;
  private final StreamSettings settings;
  private final OpenStreams streams;
  private final JobStore store;

  ResultsController(
      JobDesk jobs,
      ResultsWriter results,
      CompletionLines completions,
      StreamSettings settings,
      OpenStreams streams,
      JobStore store) {
    this.store = store;
    this.jobs = jobs;
    this.results = results;
    this.completions = completions;
    this.settings = settings;
    this.streams = streams;
  }

  /** Writes the lines of a range of indexes, or of places; returns where to continue. */
  @FunctionalInterface
  private interface Lines {
    long write(ResultSource source, ItemRange wanted, OutputStream out, Sent sent);
  }

  /** Returns the results to answer with, by the job as it is now. */
  @FunctionalInterface
  private interface Source {
    ResultSource of(Job job);
  }

  @GetMapping(produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  void results(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Long offset,
      @RequestParam(required = false) @Nullable Long from,
      @RequestParam(required = false) @Nullable Long limit,
      @RequestParam(defaultValue = "false") boolean follow,
      @RequestParam(defaultValue = "input") String order,
      @RequestParam(required = false) @Nullable String include,
      @RequestParam(defaultValue = "false") boolean merged,
      @RequestParam(defaultValue = "false") boolean data,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    boolean lines = acceptsLines(request);
    boolean byCompletion = byCompletion(order, lines, offset);
    long first = first(offset, from);
    if (merged && byCompletion) {
      throw Refusal.malformed(
          "merged", "only goes with order=input: the jobs have no order of completion in common");
    }
    if (follow && !lines) {
      throw Refusal.malformed("follow", "only goes with Accept: application/x-ndjson");
    }
    long most = limit != null ? limit : lines ? Long.MAX_VALUE : DEFAULT_PER_PAGE;
    if (most < 1 || (!lines && most > MAX_PER_PAGE)) {
      throw Refusal.malformed(
          "limit", lines ? "must be at least 1" : "must be between 1 and " + MAX_PER_PAGE);
    }
    long end = most > Long.MAX_VALUE - first ? Long.MAX_VALUE : first + most;
    var included = Include.of(include);
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named)) {
      Job job = jobs.get(named);
      // A HEAD request is not kept until the job has ended.
      boolean stays = follow && !HttpMethod.HEAD.matches(request.getMethod());
      var wanted = new Wanted(first, end, stays, data, lines(byCompletion, included));
      if (merged) {
        try (var chain = RetryChain.of(job, jobs, store)) {
          answer(job, chain::results, wanted, lines, included, response);
        }
      } else {
        answer(job, now -> new OwnResults(store, now), wanted, lines, included, response);
      }
    }
  }

  /**
   * @param first the first index to write, or the first place by order of completion
   * @param end after the last index or place to write
   * @param follow whether to wait for outcomes
   * @param data whether errors in a page have their {@code data}, as those in lines have
   * @param lines writes results as lines
   */
  private record Wanted(long first, long end, boolean follow, boolean data, Lines lines) {}

  private void answer(
      Job job,
      Source source,
      Wanted wanted,
      boolean lines,
      Include include,
      HttpServletResponse response)
      throws IOException {
    if (lines) {
      answerLines(job, source, wanted, response);
    } else {
      answerPage(job, source.of(job), wanted, include, response);
    }
  }

  private Lines lines(boolean byCompletion, Include include) {
    return byCompletion
        ? (source, wanted, out, sent) ->
            completions.write(source.items(), wanted, include, out, sent)
        : (source, wanted, out, sent) -> results.lines(source, wanted, include, out, sent);
  }

  private void answerPage(
      Job job, ResultSource source, Wanted wanted, Include include, HttpServletResponse response)
      throws IOException {
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    var out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
    try {
      writePage(job, source, wanted, include, out);
      out.flush();
    } catch (StoreException | JobGoneException e) {
      throw Streaming.cut(response, e);
    }
  }

  private void answerLines(Job job, Source source, Wanted wanted, HttpServletResponse response)
      throws IOException {
    response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
    Streaming.headers(response);
    var out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
    try (var _ = streams.open(OpenStreams.Kind.RESULTS)) {
      writeLines(job, source, wanted, out);
      out.flush();
    } catch (StoreException | JobGoneException | Refusal e) {
      Streaming.brokeOff(response, e);
    }
  }

  private static boolean byCompletion(String order, boolean lines, @Nullable Long offset) {
    boolean byCompletion = order.equals("completion");
    if (!byCompletion && !order.equals("input")) {
      throw Refusal.malformed("order", "must be input or completion");
    }
    if (byCompletion && !lines) {
      throw Refusal.malformed("order", "completion only goes with Accept: application/x-ndjson");
    }
    if (byCompletion && offset != null) {
      throw Refusal.malformed(
          "offset",
          "counts items in input order; with order=completion say from, which is the last 'at' you have + 1");
    }
    return byCompletion;
  }

  private static long first(@Nullable Long offset, @Nullable Long from) {
    if (offset != null && from != null) {
      throw Refusal.malformed("from", "is another name for offset; send one of them");
    }
    long first = offset != null ? offset : from != null ? from : 0;
    if (first < 0) {
      throw Refusal.malformed(offset != null ? "offset" : "from", "must not be negative");
    }
    return first;
  }

  private static boolean acceptsLines(HttpServletRequest request) {
    return Accepted.prefers(
        request.getHeader("Accept"), MediaType.APPLICATION_NDJSON, MediaType.APPLICATION_JSON);
  }

  private void writePage(
      Job job, ResultSource source, Wanted wanted, Include include, OutputStream out)
      throws IOException {
    long first = wanted.first();
    long known = Math.min(wanted.end(), total(source));
    if (first < known) {
      results.page(source, new ItemRange(first, known), include, wanted.data(), out);
      return;
    }
    String page =
        "{\"offset\":%d,\"results\":[]%s,\"errors\":[],\"skipped\":[],\"complete\":%b,\"next\":%s}"
            .formatted(
                first,
                include == Include.INPUT ? ",\"inputs\":[]" : "",
                job.status().state().isTerminal(),
                source.next(first));
    out.write(page.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes lines and may follow the job. Nothing of the job is held during a wait: each round reads
   * the job anew and continues where the last round stopped. A commit of outcomes begins the next
   * round, so that thousands of readers that wait for one slow item do not keep the store busy.
   */
  private void writeLines(Job found, Source source, Wanted wanted, OutputStream out)
      throws IOException {
    var heartbeat = new Heartbeat(settings.heartbeat(), System::nanoTime);
    var sent = new Sent(wanted.first());
    Job job = found;
    long next = wanted.first();
    while (true) {
      CompletableFuture<Void> stored = jobs.nextStored(job.id());
      if (!job.status().state().isTerminal()) {
        job = jobs.withNewestStatus(job); // after the future, so that no outcome is missed
      }
      ResultSource results = source.of(job);
      long known = Math.min(wanted.end(), total(results));
      if (next < known) {
        try (var _ = jobs.keep(job.id())) { // held anew each round: the job may run for days
          next = wanted.lines().write(results, new ItemRange(next, known), out, sent);
        }
      }
      if (!wanted.follow() || next >= wanted.end() || job.status().state().isTerminal()) {
        this.results.end(job, results.next(next), results.isComplete(sent, next), out);
        return;
      }
      if (heartbeat.beats()) {
        // Only a write shows that a reader is gone. A space before a line is legal JSON and does
        // not disturb a reader of lines, while an empty line would.
        out.write(' ');
      }
      out.flush();
      if (!jobs.awaitNews(job.id(), stored, heartbeat.left())) {
        this.results.end(job, results.next(next), results.isComplete(sent, next), out);
        return;
      }
    }
  }

  private static long total(ResultSource source) {
    return source.items().status().tally().total();
  }
}
