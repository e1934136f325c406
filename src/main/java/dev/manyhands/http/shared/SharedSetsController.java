package dev.manyhands.http.shared;

import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.http.SharedView;
import dev.manyhands.http.shared.SharedAnswers.Part;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.SharedSetRequest;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.NamedSets;
import dev.manyhands.model.JobId;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.support.Word;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sets of shared objects that are created alone, and their objects. */
@RestController
@RequestMapping(SharedSetsController.SETS)
class SharedSetsController {
  static final String SETS = "/api/v1/shared";

  private final NamedSets sets;
  private final SharedAnswers answers;
  private final Intake intake;
  private final StrictJson strict;

  SharedSetsController(NamedSets sets, SharedAnswers answers, Intake intake, StrictJson strict) {
    this.sets = sets;
    this.answers = answers;
    this.intake = intake;
    this.strict = strict;
  }

  /**
   * A set as lists show it.
   *
   * @param ttl seconds from the last use to the deletion
   * @param expiresAt null while an unfinished job uses the set
   */
  record OutlineView(
      String name,
      String values,
      double ttl,
      Instant createdAt,
      @Nullable Instant expiresAt,
      long unfinishedJobs) {}

  record SetList(List<OutlineView> sets) {}

  /**
   * A set with its objects.
   *
   * @param jobs ids of unfinished jobs that use the set, the oldest first, but not all of very many
   */
  record SetView(
      String name,
      String values,
      double ttl,
      Instant createdAt,
      @Nullable Instant expiresAt,
      long unfinishedJobs,
      List<String> jobs,
      List<SharedView> shared) {}

  @GetMapping
  SetList list() {
    var counts = sets.useCounts();
    return new SetList(
        sets.list().stream().map(set -> outline(set, counts.getOrDefault(set.id(), 0L))).toList());
  }

  private static OutlineView outline(NamedSet set, long users) {
    return new OutlineView(
        set.name(),
        Word.of(set.values()),
        set.ttl().toNanos() / 1e9,
        set.createdAt(),
        users > 0 ? null : set.expiresAt(),
        users);
  }

  @GetMapping("/{name}")
  SetView get(@PathVariable String name) {
    return view(sets.use(name));
  }

  private SetView view(NamedSet set) {
    List<JobId> jobs = sets.users(set);
    long users = jobs.isEmpty() ? 0 : sets.useCounts().getOrDefault(set.id(), 0L);
    OutlineView outline = outline(set, users);
    return new SetView(
        outline.name(),
        outline.values(),
        outline.ttl(),
        outline.createdAt(),
        outline.expiresAt(),
        outline.unfinishedJobs(),
        jobs.stream().map(JobId::toString).toList(),
        answers.list(SharedDeclaration.of(set)).shared());
  }

  @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<SetView> create(@PathVariable String name, HttpServletRequest request)
      throws IOException {
    SharedSetRequest.name(name);
    try (var hold = intake.memory().hold()) {
      int most = intake.limits().maxSpecBytes();
      byte[] body =
          hold.readSpec(
              request.getInputStream(),
              () -> Refusal.tooLarge("", "a set may have at most " + most + " bytes"));
      var created = sets.create(name, SharedSetRequest.read(body, strict, intake.limits()));
      SetView view = view(created.set());
      return created.isNew()
          ? ResponseEntity.created(URI.create(SETS + "/" + name)).body(view)
          : ResponseEntity.ok(view);
    }
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String name) {
    sets.delete(name);
  }

  @GetMapping("/{name}/{object}")
  ResponseEntity<byte[]> content(
      @PathVariable String name,
      @PathVariable String object,
      @RequestParam(required = false) @Nullable Long offset,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String key) {
    var set = SharedDeclaration.of(sets.use(name));
    return SharedAnswers.answer(answers.content(set, object, new Part(offset, limit, key)));
  }

  @PostMapping(path = "/{name}/{object}", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> call(
      @PathVariable String name, @PathVariable String object, HttpServletRequest request)
      throws IOException {
    return SharedAnswers.answer(
        answers.call(() -> SharedDeclaration.of(sets.use(name)), object, request));
  }
}
