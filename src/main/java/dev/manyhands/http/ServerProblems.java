package dev.manyhands.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Reports refusals of the web server in the form of all other problems. They concern requests that
 * have already reached the service, such as an unsupported method or a broken chunk of HTTP.
 */
@RestController
class ServerProblems implements ErrorController {

  /**
   * Returns the problem. Nothing is written if an answer has begun; the server closes the
   * connection then.
   */
  @RequestMapping("${server.error.path:/error}")
  @Nullable ResponseEntity<ProblemDetail> problem(
      HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted()) {
      return null;
    }
    HttpStatus status = status(request);
    var problem = ProblemDetail.forStatus(status);
    problem.setType(Problems.type(status));
    problem.setDetail(
        status.is5xxServerError()
            ? "this is a fault of the service; its log says more"
            : status == HttpStatus.METHOD_NOT_ALLOWED
                ? "this method is not served here; /swagger-ui.html shows what is"
                : "the request is not valid HTTP, or its body broke off");
    problem.setProperty("errors", List.of());
    problem.setProperty(RequestIds.NAME, RequestIds.of(request));
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  /** Returns the status of the error. A client that requests this path directly gets 404. */
  private static HttpStatus status(HttpServletRequest request) {
    Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    HttpStatus status = code instanceof Integer known ? HttpStatus.resolve(known) : null;
    return status == null ? HttpStatus.NOT_FOUND : status;
  }
}
