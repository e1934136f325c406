package dev.manyhands.api;

import dev.manyhands.function.Functions;
import dev.manyhands.job.Bundle;
import dev.manyhands.job.Function;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.Refusal;
import dev.manyhands.store.FunctionStore.Registered;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
@Tag(name = "Functions")
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
   * @param bundle null when the definition says it all
   * @param versions digests of all versions, the current one first; null in lists
   */
  record FunctionView(
      String name,
      String runtime,
      boolean builtIn,
      String digest,
      @Nullable Instant registeredAt,
      Map<String, Object> definition,
      @Nullable BundleView bundle,
      @Nullable List<String> versions) {}

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

  /** For the description only: what {@link FunctionForms} reads. */
  private record FunctionForm(
      @Schema(
              description =
                  "The definition without the code: `runtime`, and what in the file is the function",
              type = "object")
          JsonNode definition,
      @Schema(description = "A .py, .zip, .jar or executable", format = "binary") String file) {}

  record FunctionList(List<FunctionView> functions) {}

  @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "putFunction",
      summary = "Register a function, or a new version of it",
      description =
          """
          Versions never change: a job may name one as `name@sha256:…`. The same again changes nothing. As a form, the code comes as a \
          file: a Python module (.py), modules and data (.zip, `entry` is `module:function`), Java classes (.jar), or an executable, \
          alone or in a .zip. Any other byte in the file makes another version.\
          """,
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    examples = @ExampleObject(Examples.FUNCTION_DEFINITION)),
                @Content(
                    mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                    schema = @Schema(implementation = FunctionForm.class),
                    examples = @ExampleObject(Examples.FUNCTION_FORM))
              }),
      responses = {
        @ApiResponse(
            responseCode = "201",
            description = "A new name or version",
            content = @Content(examples = @ExampleObject(Examples.FUNCTION))),
        @ApiResponse(
            responseCode = "200",
            description = "It was the current version already",
            content = @Content(examples = @ExampleObject(Examples.FUNCTION)))
      })
  ResponseEntity<FunctionView> register(@PathVariable String name, HttpServletRequest request)
      throws IOException {
    try (var hold = memory.hold()) {
      byte[] body = hold.readSpec(request.getInputStream(), this::tooLarge);
      FunctionDefinition definition = definitions.read(json.read(body, JsonNode.class, ""), "");
      List<Registered> before = functions.versions(name);
      return answer(before, functions.register(name, definition).join());
    }
  }

  private Refusal tooLarge() {
    return Refusal.tooLarge(
        "", "a definition may have at most " + limits.maxSpecBytes() + " bytes");
  }

  @PutMapping(path = "/{name}", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  @Operation(hidden = true) // described with the JSON form, on the same path
  ResponseEntity<FunctionView> upload(@PathVariable String name, HttpServletRequest request)
      throws IOException {
    try (var form = forms.read(request)) {
      List<Registered> before = functions.versions(name);
      return answer(before, functions.register(name, form.definition(), form.file()));
    }
  }

  private ResponseEntity<FunctionView> answer(List<Registered> before, Registered registered) {
    boolean unchanged =
        !before.isEmpty()
            && before.getFirst().function().digest().equals(registered.function().digest());
    return ResponseEntity.status(unchanged ? HttpStatus.OK : HttpStatus.CREATED)
        .body(view(registered, digests(registered.function().name())));
  }

  @GetMapping
  @Operation(
      operationId = "listFunctions",
      summary = "List functions",
      responses =
          @ApiResponse(
              responseCode = "200",
              content =
                  @Content(
                      examples = @ExampleObject("{\"functions\": [" + Examples.FUNCTION + "]}"))))
  FunctionList list() {
    return new FunctionList(functions.list().stream().map(each -> view(each, null)).toList());
  }

  @GetMapping("/{name}")
  @Operation(
      operationId = "getFunction",
      summary = "Look at a function",
      responses =
          @ApiResponse(
              responseCode = "200",
              content =
                  @Content(
                      examples = {
                        @ExampleObject(name = "inline", value = Examples.FUNCTION),
                        @ExampleObject(name = "uploaded", value = Examples.FUNCTION_OF_BUNDLE)
                      })))
  FunctionView get(@PathVariable String name) {
    List<Registered> versions = functions.versions(name);
    if (versions.isEmpty()) {
      throw Refusal.notFound("there is no function '" + name + "'");
    }
    return view(versions.getFirst(), digests(name));
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      operationId = "deleteFunction",
      summary = "Forget a function with all its versions",
      description =
          "Jobs that were submitted with it keep their own copy, also of a file it was uploaded as: that is removed with the last of them.",
      responses = @ApiResponse(responseCode = "204", description = "Gone", content = @Content))
  void delete(@PathVariable String name) {
    if (!functions.delete(name).join()) {
      throw Refusal.notFound("there is no function '" + name + "'");
    }
  }

  private List<String> digests(String name) {
    return functions.versions(name).stream().map(each -> each.function().digest()).toList();
  }

  private FunctionView view(Registered registered, @Nullable List<String> versions) {
    Function function = registered.function();
    boolean builtIn = functions.isBuiltIn(function.name());
    return new FunctionView(
        function.name(),
        function.definition().runtime().label(),
        builtIn,
        function.digest(),
        builtIn ? null : registered.registeredAt(),
        definition(function.definition()),
        BundleView.of(function.definition().bundle()),
        versions);
  }

  private static Map<String, Object> definition(FunctionDefinition definition) {
    var view = new LinkedHashMap<String, Object>();
    view.put("runtime", definition.runtime().label());
    switch (definition) {
      case FunctionDefinition.Python python -> {
        if (python.bundle() == null) {
          view.put("code", python.code());
        }
        view.put("entry", python.entry());
      }
      case FunctionDefinition.JavaClass java -> {
        view.put("class", java.className());
        if (java.jar() != null) {
          view.put("jar", java.jar());
        }
      }
      case FunctionDefinition.Command command -> {
        view.put("command", command.argv());
        view.put("protocol", command.protocol().name().toLowerCase(Locale.ROOT));
        if (command.indexed()) {
          view.put("indexed", true);
        }
      }
    }
    return view;
  }
}
