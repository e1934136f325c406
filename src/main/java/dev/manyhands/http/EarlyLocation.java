package dev.manyhands.http;

import dev.manyhands.model.Job;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.regex.Pattern;
import org.apache.catalina.connector.ResponseFacade;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity.BodyBuilder;

/**
 * Sends the path of a new job ahead of its answer, as an informational answer (103, RFC 8297) with
 * the {@code Location} of the final one.
 *
 * <p>Only a client that sends {@code Prefer: early-location} gets it. Some clients take each status
 * but 100 for the final answer, Python's {@code http.client} among them. HTTP 1.0 has no
 * informational answers.
 */
public final class EarlyLocation {
  private static final String PREFERENCE = "early-location";
  private static final String APPLIED = "Preference-Applied";
  private static final String LOCATION = "Location";

  private static final Pattern PREFERRED =
      Pattern.compile("(?:^|,)\\s*" + PREFERENCE + "\\s*(?:$|[,;])", Pattern.CASE_INSENSITIVE);

  private final HttpServletResponse response;
  private final boolean isApplied;

  /**
   * @param prefer the header {@code Prefer}; null if absent
   */
  public EarlyLocation(
      HttpServletRequest request, HttpServletResponse response, @Nullable String prefer) {
    this.response = response;
    boolean preferred = prefer != null && PREFERRED.matcher(prefer).find();
    this.isApplied = preferred && !request.getProtocol().equals("HTTP/1.0");
  }

  /**
   * Sends the path of the job if the client has asked for it. Called by the thread of the request,
   * once the job is durable.
   */
  public void send(Job job) {
    if (!isApplied) {
      return;
    }
    response.setHeader(LOCATION, JobPath.of(job.id()));
    response.setHeader(APPLIED, PREFERENCE);
    unwrapped(response).sendEarlyHints();
    // The final answer sets its own. An answer about a refused upload has none.
    response.setHeader(LOCATION, null);
    response.setHeader(APPLIED, null);
  }

  /** Adds the preference to the final answer if it was applied. */
  public BodyBuilder applied(BodyBuilder answer) {
    return isApplied ? answer.header(APPLIED, PREFERENCE) : answer;
  }

  private static ResponseFacade unwrapped(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      inner = wrapper.getResponse();
    }
    return (ResponseFacade) inner;
  }
}
