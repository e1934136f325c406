package dev.manyhands.http;

import dev.manyhands.intake.StrictJson;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.LogThrottle;
import dev.manyhands.support.Word;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Turns every failure of a controller or interceptor into an answer: RFC 9457 problem details,
 * never a stack trace. {@link ServerProblems} does so for failures of the web server, and {@code
 * AccessFilter} for its own refusals.
 */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(Problems.class);
  private static final String RETRY_SECONDS = "1";
  private static final Duration WARNED_EVERY = Duration.ofSeconds(10);

  private final LogThrottle warnings = new LogThrottle(WARNED_EVERY);

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(Refusal refusal, HttpServletRequest request) {
    return switch (refusal.reason()) {
      case MALFORMED ->
          problem(HttpStatus.BAD_REQUEST, "malformed", "Malformed request", refusal, request);
      case INVALID ->
          problem(HttpStatus.UNPROCESSABLE_CONTENT, "invalid", "Invalid request", refusal, request);
      case NOT_FOUND -> problem(HttpStatus.NOT_FOUND, "not-found", "Not found", refusal, request);
      case CONFLICT -> problem(HttpStatus.CONFLICT, "conflict", "Conflict", refusal, request);
      case TOO_LARGE ->
          problem(HttpStatus.CONTENT_TOO_LARGE, "too-large", "Too large", refusal, request);
      case UNSUPPORTED ->
          problem(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "unsupported-media-type",
              "Unsupported Media Type",
              refusal,
              request);
      case UNAVAILABLE ->
          problem(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", "Unavailable", refusal, request);
    };
  }

  /** Answers a request whose job was deleted while it was read. */
  @ExceptionHandler
  ResponseEntity<ProblemDetail> gone(
      JobGoneException gone, HttpServletRequest request, HttpServletResponse response) {
    cutWhatHasBegun(response, gone);
    return refused(Refusal.notFound(String.valueOf(gone.getMessage())), request);
  }

  /** Cuts off an answer that has begun. Otherwise the answer would end as if it were complete. */
  private static void cutWhatHasBegun(HttpServletResponse response, RuntimeException why) {
    if (response.isCommitted()) {
      throw why; // another exception would be logged and dropped
    }
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> storeAway(
      StoreException away, HttpServletRequest request, HttpServletResponse response) {
    tell(away);
    cutWhatHasBegun(response, away);
    var refusal =
        Refusal.unavailable(
            // A commit without an answer may have been done. It is undone where it could do harm.
            "the store is not available; nothing of this request is known to be done; try again"
                + " later");
    return refused(refusal, request);
  }

  /**
   * Logs the outage, at most once in ten seconds: all requests end here while the store is away.
   */
  private void tell(StoreException away) {
    if (warnings.allows()) {
      log.warn(
          "the store does not answer requests: {} (said once in {} s at most)",
          away.getMessage(),
          WARNED_EVERY.toSeconds());
    }
    log.debug("the store did not answer a request", away);
  }

  /** Answers a request by the cause of the future that failed. */
  @ExceptionHandler
  ResponseEntity<ProblemDetail> failedLater(
      CompletionException e, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    return switch (e.getCause()) {
      case StoreException away -> storeAway(away, request, response);
      case Refusal refusal -> refused(refusal, request);
      case JobGoneException gone -> gone(gone, request, response);
      case null, default -> bug(e, request, response);
    };
  }

  /** Answers a request with a bad path or query parameter. */
  @ExceptionHandler
  ResponseEntity<ProblemDetail> wrongType(
      MethodArgumentTypeMismatchException e, HttpServletRequest request) {
    Class<?> type = e.getRequiredType();
    String wanted = StrictJson.wanted(type);
    return refused(Refusal.malformed(e.getName(), "must be " + wanted), request);
  }

  /**
   * Answers a request whose query the web server cannot read. The server notices it when a
   * parameter is first read.
   */
  @ExceptionHandler
  ResponseEntity<ProblemDetail> badQuery(InvalidParameterException e, HttpServletRequest request) {
    return refused(
        Refusal.malformed(
            "",
            "the query cannot be read: it has too many parameters, or a '%' without two digits"),
        request);
  }

  /**
   * Answers a failed read or write. A body that ends too soon, or is not in the HTTP chunks that it
   * announces, is a bad request: a client that closed only its sending half still reads the answer.
   * After a failed write to the client, nobody reads an answer. Any other failure is a fault of the
   * service, such as a disk error, and must not look like success.
   */
  @ExceptionHandler({IOException.class, UncheckedIOException.class})
  @Nullable ResponseEntity<ProblemDetail> brokenOff(
      Exception e, HttpServletRequest request, HttpServletResponse response) throws Exception {
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    boolean ofClient =
        cause instanceof ClientAbortException
            || cause instanceof BadRequestException
            || cause instanceof EOFException;
    if (!ofClient) {
      return failed(e, request, response);
    }
    log.debug("a client went away", e);
    return response.isCommitted()
        ? null
        : refused(
            Refusal.malformed("", "the body broke off, or is not in the form its headers say"),
            request);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> bug(
      RuntimeException bug, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    return failed(bug, request, response);
  }

  private static ResponseEntity<ProblemDetail> failed(
      Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted()) {
      throw failure; // the server logs it and visibly cuts the answer off
    }
    log.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
    return problem(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "internal",
        "Internal error",
        new Refusal(
            Refusal.Reason.UNAVAILABLE,
            "this is a fault of the service; its log says more",
            List.of()),
        request);
  }

  private static ResponseEntity<ProblemDetail> problem(
      HttpStatus status, String type, String title, Refusal refusal, HttpServletRequest request) {
    var problem = ProblemDetail.forStatus(status);
    problem.setType(type(type));
    problem.setTitle(title);
    problem.setDetail(refusal.sentence());
    problem.setInstance(instance(request));
    problem.setProperty("errors", refusal.faults());
    refusal.facts().forEach(problem::setProperty);
    problem.setProperty(RequestIds.NAME, RequestIds.of(request));
    var answer = ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
    if (status == HttpStatus.SERVICE_UNAVAILABLE) {
      answer.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    return answer.body(problem);
  }

  /**
   * Returns the path as a URI; null if it is none. The server accepts paths that are no URI, such
   * as one with a bracket.
   */
  private static @Nullable URI instance(HttpServletRequest request) {
    try {
      return new URI(request.getRequestURI());
    } catch (URISyntaxException e) {
      return null;
    }
  }

  static URI type(HttpStatus status) {
    return type(Word.of(status).replace('_', '-'));
  }

  private static URI type(String name) {
    return URI.create("urn:manyhands:problem:" + name);
  }

  private static String accepted(HttpHeaders headers) {
    return headers.getAccept().isEmpty()
        ? MediaType.APPLICATION_JSON_VALUE
        : headers.getAccept().stream().map(MediaType::toString).collect(Collectors.joining(" or "));
  }

  /** Turns the refusals of Spring itself (method, media type, path) into problems. */
  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception e,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    Object answer = body == null && e instanceof ErrorResponse known ? known.getBody() : body;
    if (answer instanceof ProblemDetail problem) {
      HttpStatus named = HttpStatus.resolve(status.value());
      problem.setType(named == null ? type("http-" + status.value()) : type(named));
      switch (status.value()) {
        case 404 ->
            problem.setDetail("there is nothing here; /swagger-ui.html shows what there is");
        case 406 -> problem.setDetail("this comes as " + accepted(headers) + " (Accept)");
        case 415 -> problem.setDetail("send the body as " + accepted(headers) + " (Content-Type)");
        default -> {}
      }
      problem.setProperty("errors", List.of());
      if (request instanceof ServletWebRequest web) {
        problem.setProperty(RequestIds.NAME, RequestIds.of(web.getRequest()));
      }
    }
    // The content type is set explicitly: a client that accepts no type of ours still gets the
    // problem.
    var typed = new HttpHeaders(headers);
    typed.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return super.handleExceptionInternal(e, answer, typed, status, request);
  }
}
