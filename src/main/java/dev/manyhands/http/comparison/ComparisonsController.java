package dev.manyhands.http.comparison;

import dev.manyhands.http.Accepted;
import dev.manyhands.http.Answers;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Patience;
import dev.manyhands.jobs.comparison.Comparisons;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.report.comparison.ComparisonChart;
import dev.manyhands.report.comparison.ComparisonTable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Comparisons over HTTP. */
@RestController
@RequestMapping(ComparisonView.COMPARISONS)
class ComparisonsController {
  private static final String SVG = "image/svg+xml";
  private static final int MAX_LISTED = 1_000;

  private final Comparisons comparisons;
  private final JsonMapper json;
  private final OpenStreams streams;

  ComparisonsController(Comparisons comparisons, JsonMapper json, OpenStreams streams) {
    this.streams = streams;
    this.comparisons = comparisons;
    this.json = json;
  }

  /** A page of a list; {@code next} is the cursor of the next page, null on the last. */
  record ComparisonList(List<ComparisonView> comparisons, @Nullable String next) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> submit(
      HttpServletRequest request,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    Duration patience = Patience.of(wait, prefer);
    Comparison comparison;
    try (var _ = streams.await(patience)) {
      comparison = comparisons.submit(request.getInputStream());
      if (!patience.isZero()) {
        comparison = comparisons.await(comparison.id(), patience);
      }
    }
    boolean ended = comparison.state().isTerminal() && !patience.isZero();
    var answer =
        ResponseEntity.status(ended ? HttpStatus.OK : HttpStatus.ACCEPTED)
            .location(URI.create(ComparisonView.COMPARISONS + "/" + comparison.id()));
    return body(Answers.waited(answer, patience, prefer), ComparisonView.of(comparison));
  }

  @GetMapping
  ResponseEntity<byte[]> list(
      @RequestParam(defaultValue = "100") int limit,
      @RequestParam(required = false) @Nullable String cursor) {
    if (limit < 1 || limit > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    ComparisonId before =
        cursor == null
            ? null
            : ComparisonId.parse(cursor)
                .orElseThrow(() -> Refusal.malformed("cursor", "is not from a page's 'next'"));
    List<Comparison> found = comparisons.list(before, limit + 1);
    List<Comparison> page = found.subList(0, Math.min(limit, found.size()));
    String next = found.size() > limit ? page.getLast().id().toString() : null;
    var list = new ComparisonList(page.stream().map(ComparisonView::of).toList(), next);
    return body(ResponseEntity.ok(), list);
  }

  @GetMapping(
      path = "/{id}",
      produces = {MediaType.APPLICATION_JSON_VALUE, SVG})
  ResponseEntity<byte[]> get(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Double wait,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "Accept", required = false) @Nullable String accept) {
    Duration patience = Patience.of(wait, prefer);
    Comparison comparison;
    try (var _ = streams.await(patience)) {
      comparison = comparisons.await(id(id), patience);
    }
    var answer = ResponseEntity.ok().header(HttpHeaders.VARY, "Accept");
    if (!Accepted.prefers(accept, MediaType.valueOf(SVG), MediaType.APPLICATION_JSON)) {
      return body(answer, ComparisonView.of(comparison));
    }
    String chart = ComparisonChart.of(comparison, ComparisonTable.of(comparison));
    return answer
        .contentType(new MediaType(MediaType.valueOf(SVG), StandardCharsets.UTF_8))
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .body(chart.getBytes(StandardCharsets.UTF_8));
  }

  @PostMapping("/{id}/cancel")
  ResponseEntity<byte[]> cancel(@PathVariable String id) {
    boolean didEnd = comparisons.cancel(id(id));
    return body(
        ResponseEntity.status(didEnd ? HttpStatus.ACCEPTED : HttpStatus.OK),
        ComparisonView.of(comparisons.get(id(id))));
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String id) {
    comparisons.delete(id(id));
  }

  private static ComparisonId id(String text) {
    return ComparisonId.parse(text)
        .orElseThrow(() -> Refusal.notFound("there is no comparison " + text));
  }

  private ResponseEntity<byte[]> body(ResponseEntity.BodyBuilder answer, Object body) {
    return answer.contentType(MediaType.APPLICATION_JSON).body(json.writeValueAsBytes(body));
  }
}
