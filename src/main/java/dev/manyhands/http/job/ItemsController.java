package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.scheduler.ItemFate;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.Streaming;
import dev.manyhands.http.job.ItemView.State;
import dev.manyhands.http.result.Include;
import dev.manyhands.intake.CancelItemsRequest;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.ItemCancellations;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Word;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Items over HTTP: in pages, one alone, or as a script that repeats it. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/items")
class ItemsController {
  private static final int MAX_LISTED = 1_000;
  private static final int BUFFER = 16 << 10;
  private static final String SCRIPT = "text/x-python";

  /** The most digits of a cursor, which is an index. A longer cursor is refused. */
  private static final int CURSOR_DIGITS = 18;

  private final JobDesk jobs;
  private final ItemReader items;
  private final ItemPages pages;
  private final ItemPageWriter writer;
  private final ItemCancellations cancellations;
  private final StrictJson strict;
  private final JsonMapper json;

  ItemsController(
      JobDesk jobs,
      ItemReader items,
      ItemPages pages,
      ItemPageWriter writer,
      ItemCancellations cancellations,
      StrictJson strict,
      JsonMapper json) {
    this.cancellations = cancellations;
    this.strict = strict;
    this.jobs = jobs;
    this.items = items;
    this.pages = pages;
    this.writer = writer;
    this.json = json;
  }

  @GetMapping
  void list(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(defaultValue = "100") int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String include,
      @RequestParam(defaultValue = "false") boolean data,
      HttpServletResponse response)
      throws IOException {
    if (limit < 1 || limit > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    State wanted = state == null ? null : state(state);
    long first = cursor == null ? 0 : first(cursor);
    boolean withInputs = Include.of(include) == Include.INPUT;
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named)) {
      Job job = jobs.get(named);
      ItemPage page = pages.read(job, wanted, first, limit, data);
      response.setContentType(MediaType.APPLICATION_JSON_VALUE);
      var out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
      if (withInputs) {
        writer.write(job, page, out);
      } else {
        out.write(json.writeValueAsBytes(page));
      }
      out.flush();
    } catch (StoreException | JobGoneException e) {
      throw Streaming.cut(response, e);
    }
  }

  private static State state(String text) {
    return Arrays.stream(State.values())
        .filter(state -> state.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> Refusal.malformed("state", "must be one of " + List.of(State.values())));
  }

  private static long first(String cursor) {
    boolean isIndex =
        !cursor.isEmpty()
            && cursor.length() <= CURSOR_DIGITS
            && cursor.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isIndex) {
      throw Refusal.malformed("cursor", "is not from a page's 'next'");
    }
    return Long.parseLong(cursor);
  }

  @GetMapping("/{index}")
  ResponseEntity<byte[]> get(@PathVariable String id, @PathVariable long index) {
    return answer(items.get(jobs.get(JobPath.id(id)), index));
  }

  /** The answer to a request to cancel items. */
  private record Fates(List<Fate> items) {}

  /** The state of a range of items, given as its first index and its end. */
  private record Fate(List<Long> range, String state) {}

  @PostMapping(path = "/cancel", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> cancel(@PathVariable String id, HttpServletRequest request)
      throws IOException {
    byte[] body = JobsController.small(request);
    var cancel = strict.read(body, CancelItemsRequest.class, "");
    List<ItemFate> fates = cancellations.cancel(JobPath.id(id), cancel.ranges(), cancel.forces());
    return answer(new Fates(fates.stream().map(ItemsController::shown).toList()));
  }

  private static Fate shown(ItemFate fate) {
    return new Fate(List.of(fate.items().first(), fate.items().end()), Word.of(fate.state()));
  }

  private ResponseEntity<byte[]> answer(Object body) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(body));
  }

  @GetMapping(path = "/{index}/script", produces = SCRIPT)
  void script(@PathVariable String id, @PathVariable long index, HttpServletResponse response)
      throws IOException {
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named)) {
      Job job = jobs.get(named);
      ItemReader.check(job, index);
      var script = ItemScript.of(job);
      String input = items.input(job, index);
      response.setContentType(SCRIPT + ";charset=UTF-8");
      response.setHeader("Content-Disposition", "attachment; filename=\"item-" + index + ".py\"");
      // A browser must not show users' text as a page.
      response.setHeader("X-Content-Type-Options", "nosniff");
      var out = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), UTF_8));
      script.write(index, input, out);
      out.flush();
    }
  }
}
