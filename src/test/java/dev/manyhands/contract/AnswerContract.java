package dev.manyhands.contract;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Compares answers of the service with the contract: status, media type, headers and body. Safe for
 * use by any thread.
 */
public final class AnswerContract {
  private static final int MOST_SHOWN = 2_000;
  private static final ContractDocument DOCUMENT = new ContractDocument();
  private static final List<Operation> OPERATIONS = operations();
  private static final ContractBodies BODIES = new ContractBodies(DOCUMENT);

  private AnswerContract() {}

  private record Operation(String method, Pattern path, String pointer) {}

  private static List<Operation> operations() {
    var operations = new ArrayList<Operation>();
    for (var path : DOCUMENT.root().get("paths").properties()) {
      Pattern pattern = Pattern.compile(path.getKey().replaceAll("\\{\\w+}", "[^/]+"));
      path.getValue()
          .propertyNames()
          .forEach(method ->
              operations.add(
                  new Operation(
                      method.toUpperCase(Locale.ROOT),
                      pattern,
                      "/paths" + ContractDocument.step(path.getKey()) + "/" + method)));
    }
    return operations;
  }

  /**
   * An answer as far as it has arrived.
   *
   * @param header value of a header by its name
   */
  public record Given(
      String method, URI uri, int status, Function<String, Optional<String>> header) {
    String mediaType() {
      return header.apply("Content-Type").orElse("").split(";", 2)[0].strip();
    }
  }

  /**
   * Compares a whole answer.
   *
   * @throws AssertionError if the contract promises another answer
   */
  public static void check(Given answer, String body) {
    String content = content(answer);
    if (content == null || answer.method().equals("HEAD")) {
      return;
    }
    List<String> faults =
        content.isEmpty()
            ? body.isEmpty() ? List.of() : List.of("the contract has no body")
            : BODIES.faults(content, answer.mediaType(), body);
    report(answer, faults, body);
  }

  /**
   * Compares the head of an answer whose body comes later, or never.
   *
   * @throws AssertionError if the contract promises another answer
   */
  public static void checkHead(Given answer) {
    String _ = content(answer);
  }

  /**
   * Compares one line of an answer.
   *
   * @throws AssertionError if the contract promises another line
   */
  public static void checkLine(Given answer, String line) {
    String content = content(answer);
    if (content != null && answer.mediaType().equals("application/x-ndjson")) {
      String items = DOCUMENT.resolved(content + "/schema") + "/contentSchema/items";
      report(answer, BODIES.line(items, line), line);
    }
  }

  /** Returns the pointer to the media type; empty if there is no body; null if nothing is known. */
  private static String content(Given answer) {
    if (!answer.uri().getPath().startsWith("/api/") || answer.method().equals("OPTIONS")) {
      return null;
    }
    String method = answer.method().equals("HEAD") ? "GET" : answer.method();
    Operation operation =
        OPERATIONS.stream()
            .filter(each -> each.method().equals(method))
            .filter(each -> each.path().matcher(answer.uri().getRawPath()).matches())
            .findFirst()
            .orElse(null);
    if (operation == null) {
      return contentOfProblem(answer);
    }
    String response = response(answer, operation);
    return response == null ? null : content(answer, response);
  }

  /** A request for no operation gets a problem, perhaps from the server before the service. */
  private static String contentOfProblem(Given answer) {
    if (answer.status() < 400) {
      report(answer, List.of("the contract has no such operation"), "");
    }
    return content(answer, "/components/responses/Problem");
  }

  private static String response(Given answer, Operation operation) {
    String responses = operation.pointer() + "/responses/";
    if (!DOCUMENT.at(responses + answer.status()).isMissingNode()) {
      return DOCUMENT.resolved(responses + answer.status());
    }
    if (answer.status() < 400) {
      report(answer, List.of("the contract has no such status"), "");
    }
    return DOCUMENT.resolved(responses + "default");
  }

  private static String content(Given answer, String response) {
    var faults = new ArrayList<String>();
    for (var header : DOCUMENT.at(response).path("headers").properties()) {
      JsonNode described =
          DOCUMENT.at(response + "/headers" + ContractDocument.step(header.getKey()));
      boolean isThere = answer.header().apply(header.getKey()).isPresent();
      if (described.path("required").asBoolean(false) && !isThere) {
        faults.add("the header " + header.getKey() + " is missing");
      }
    }
    String type = answer.mediaType();
    JsonNode types = DOCUMENT.at(response).path("content");
    if (types.isMissingNode() ? !type.isEmpty() : !types.has(type)) {
      faults.add("the media type is '" + type + "', in the contract " + types.propertyNames());
    }
    report(answer, faults, "");
    return types.isMissingNode() ? "" : response + "/content" + ContractDocument.step(type);
  }

  private static void report(Given answer, List<String> faults, String body) {
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "%s %s was answered with %d against the contract:%n  %s%n%s"
              .formatted(
                  answer.method(),
                  answer.uri(),
                  answer.status(),
                  String.join("\n  ", faults),
                  body.substring(0, Math.min(body.length(), MOST_SHOWN))));
    }
  }
}
