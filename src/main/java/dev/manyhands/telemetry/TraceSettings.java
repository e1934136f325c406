package dev.manyhands.telemetry;

import dev.manyhands.support.BadSettingException;
import java.util.Map;

/**
 * Settings of traces.
 *
 * @param endpoint an http or https URL; {@code /v1/traces} is added unless it ends with that path
 * @param headers sent along, such as a collector's key; never printed
 * @param share of the traces that begin here which are kept, 0 to 1; clients decide for their own
 *     traces
 * @param service the name under which a collector shows this service
 * @param version of this service
 */
public record TraceSettings(
    String endpoint, Map<String, String> headers, double share, String service, String version) {
  private static final String PATH = "/v1/traces";

  public TraceSettings {
    if (!(share >= 0 && share <= 1)) {
      throw new BadSettingException("manyhands.tracing.share is from 0 to 1, not " + share);
    }
  }

  /** Returns the URL with its path. */
  public String url() {
    String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
    return base.endsWith(PATH) ? base : base + PATH;
  }

  /** Returns a text for people and logs, without the headers. */
  @Override
  public String toString() {
    return "TraceSettings[" + url() + "]";
  }
}
