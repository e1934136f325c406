package dev.manyhands.telemetry;

import java.time.Duration;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointWebExtension;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Answers 404 for a path below the health endpoint that names nothing. Spring Boot would throw an
 * exception for a path below an unknown component, and the path is open to all.
 */
@EndpointWebExtension(endpoint = HealthEndpoint.class)
public final class KnownHealth extends HealthEndpointWebExtension {
  private final HealthEndpointGroups groups;

  /**
   * @param slow the time after which a component is logged as slow
   */
  public KnownHealth(
      HealthContributorRegistry components, HealthEndpointGroups groups, Duration slow) {
    super(components, null, groups, slow);
    this.groups = groups;
  }

  /** Answers for a path. Not called for the endpoint itself, which has no path. */
  @Override
  @ReadOperation
  public WebEndpointResponse<HealthDescriptor> health(
      ApiVersion version,
      WebServerNamespace server,
      SecurityContext security,
      @Selector(match = Match.ALL_REMAINING) String... path) {
    // A component of this service has no parts of its own.
    int longest = path.length > 0 && groups.getNames().contains(path[0]) ? 2 : 1;
    if (path.length <= longest) {
      var health = super.health(version, server, security, path);
      if (health.getStatus() != WebEndpointResponse.STATUS_NOT_FOUND) {
        return health;
      }
    }
    throw new ResponseStatusException(HttpStatus.NOT_FOUND);
  }
}
