package dev.manyhands.app;

import dev.manyhands.http.RequestIds;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;

/**
 * Turns refusals of the web server into problems, in place of the server's own error page. These
 * requests never reach the code of this service.
 */
public final class ProblemValve extends ErrorReportValve {
  @Override
  protected void report(Request request, Response response, Throwable failure) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    String id = RequestIds.of(request);
    response.setHeader(RequestIds.HEADER, id);
    String body =
        "{\"type\":\"urn:manyhands:problem:http-%d\",\"title\":\"Refused\",\"status\":%d,\"detail\":\"%s\",\"errors\":[],\"requestId\":\"%s\"}"
            .formatted(
                status,
                status,
                status < 500 || status == HttpServletResponse.SC_NOT_IMPLEMENTED
                    ? "the request is not valid HTTP, or its method or path is one that is not served"
                    : "this is a fault of the service; its log says more",
                id);
    try {
      response.setContentType("application/problem+json");
      response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      response.finishResponse();
    } catch (IOException gone) {
      // Nobody is there to read the answer.
    }
  }
}
