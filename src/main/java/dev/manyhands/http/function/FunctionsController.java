package dev.manyhands.http.function;

import dev.manyhands.function.Functions;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.FunctionReader;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.model.Bundle;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.FunctionStore.Listed;
import dev.manyhands.store.FunctionStore.Registered;
import dev.manyhands.support.Word;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Functions over HTTP. */
@RestController
@RequestMapping("/api/v1/functions")
class FunctionsController {
  private final Functions functions;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;
  private final FunctionForms forms;
  private final BodyMemory memory;

  FunctionsController(
      Functions functions,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      FunctionForms forms,
      BodyMemory memory) {
    this.forms = forms;
    this.memory = memory;
    this.functions = functions;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
  }

  /**
   * A function as clients see it.
   *
   * @param registeredAt null for built-in functions
   * @param definition without its code in lists, see {@link FunctionDefinition#outline}
   * @param bundle the uploaded file; null if there was none. The definition may then name a jar or
   *     a program on the machine of the service.
   * @param versions all versions, the current one first; null in lists
   */
  record FunctionView(
      String name,
      String runtime,
      boolean builtIn,
      String digest,
      @Nullable Instant registeredAt,
      Map<String, Object> definition,
      @Nullable BundleView bundle,
      @Nullable List<VersionView> versions) {}

  /**
   * The file that a function was uploaded as.
   *
   * @param kind py, zip, jar or executable
   * @param digest {@code sha256:} and 64 hex digits over its bytes
   */
  record BundleView(String kind, String fileName, long bytes, int files, String digest) {
    static @Nullable BundleView of(@Nullable Bundle bundle) {
      return bundle == null
          ? null
          : new BundleView(
              bundle.kind().label(),
              bundle.fileName(),
              bundle.bytes(),
              bundle.files(),
              "sha256:" + bundle.digest());
    }
  }

  /**
   * A version of a function as clients see it.
   *
   * @param registeredAt null for built-in functions
   * @param bundle the uploaded file; null if there was none. The definition may then name a jar or
   *     a program on the machine of the service.
   */
  record VersionView(String digest, @Nullable Instant registeredAt, @Nullable BundleView bundle) {}

  record FunctionList(List<FunctionView> functions) {}

  @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<FunctionView> register(@PathVariable String name, HttpServletRequest request)
      throws IOException {
    try (var hold = memory.hold()) {
      byte[] body = hold.readSpec(request.getInputStream(), this::tooLarge);
      FunctionDefinition definition = definitions.read(json.read(body, JsonNode.class, ""), "");
      List<Listed> before = functions.versions(name);
      return answer(before, functions.register(name, definition).join());
    }
  }

  private Refusal tooLarge() {
    return Refusal.tooLarge(
        "", "a definition may have at most " + limits.maxSpecBytes() + " bytes");
  }

  @PutMapping(path = "/{name}", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ResponseEntity<FunctionView> upload(@PathVariable String name, HttpServletRequest request)
      throws IOException {
    try (var form = forms.read(request)) {
      List<Listed> before = functions.versions(name);
      return answer(before, functions.register(name, form.definition(), form.file()));
    }
  }

  private ResponseEntity<FunctionView> answer(List<Listed> before, Registered registered) {
    boolean unchanged =
        !before.isEmpty() && before.getFirst().digest().equals(registered.function().digest());
    return ResponseEntity.status(unchanged ? HttpStatus.OK : HttpStatus.CREATED)
        .body(view(registered, versions(registered.function().name())));
  }

  @GetMapping
  FunctionList list() {
    return new FunctionList(functions.list().stream().map(this::view).toList());
  }

  @GetMapping("/{name}")
  FunctionView get(@PathVariable String name) {
    Registered found =
        functions
            .find(name)
            .orElseThrow(() -> Refusal.notFound("there is no function '" + name + "'"));
    return view(found, versions(found.function().name()));
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String name) {
    if (!functions.delete(name).join()) {
      throw Refusal.notFound("there is no function '" + name + "'");
    }
  }

  private List<VersionView> versions(String name) {
    return functions.versions(name).stream()
        .map(version ->
            new VersionView(
                version.digest(),
                registeredAt(version.name(), version.registeredAt()),
                BundleView.of(version.outline().bundle())))
        .toList();
  }

  private @Nullable Instant registeredAt(String name, Instant at) {
    return functions.isBuiltIn(name) ? null : at;
  }

  private FunctionView view(Registered registered, List<VersionView> versions) {
    Function function = registered.function();
    return view(
        function.name(),
        function.digest(),
        registered.registeredAt(),
        function.definition(),
        versions);
  }

  private FunctionView view(Listed listed) {
    return view(listed.name(), listed.digest(), listed.registeredAt(), listed.outline(), null);
  }

  private FunctionView view(
      String name,
      String digest,
      Instant registeredAt,
      FunctionDefinition definition,
      @Nullable List<VersionView> versions) {
    return new FunctionView(
        name,
        definition.runtime().label(),
        functions.isBuiltIn(name),
        digest,
        registeredAt(name, registeredAt),
        definition(definition),
        BundleView.of(definition.bundle()),
        versions);
  }

  /** Leaves out what is empty, as in outlines. */
  private static Map<String, Object> definition(FunctionDefinition definition) {
    var view = new LinkedHashMap<String, Object>();
    view.put("runtime", definition.runtime().label());
    switch (definition) {
      case FunctionDefinition.Python python -> {
        put(view, "pickle", python.pickle());
        put(view, "code", python.code());
        put(view, python.pickle() == null ? "entry" : "label", python.entry());
        if (!python.modules().isEmpty()) {
          view.put("modules", python.modules());
        }
      }
      case FunctionDefinition.JavaClass java -> {
        put(view, "class", java.className());
        put(view, "jar", java.jar());
      }
      case FunctionDefinition.Command command -> {
        if (!command.argv().isEmpty()) {
          view.put("command", command.argv());
        }
        view.put("protocol", Word.of(command.protocol()));
        if (command.indexed()) {
          view.put("indexed", true);
        }
      }
    }
    return view;
  }

  private static void put(Map<String, Object> view, String name, @Nullable String text) {
    if (text != null && !text.isEmpty()) {
      view.put(name, text);
    }
  }
}
