package dev.manyhands.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.DefaultHealthContributorRegistry;
import org.springframework.web.server.ResponseStatusException;

/** Paths below the health endpoint, with the components store and pool and the group ready. */
class KnownHealthTest {
  private final KnownHealth health;

  KnownHealthTest() {
    var components = new DefaultHealthContributorRegistry();
    for (String name : Set.of("store", "pool")) {
      components.registerContributor(name, (HealthIndicator) () -> Health.up().build());
    }
    HealthEndpointGroup group = group();
    health =
        new KnownHealth(
            components,
            HealthEndpointGroups.of(group, Map.of("ready", group)),
            Duration.ofSeconds(10));
  }

  /** All are members, and all is shown. */
  private static HealthEndpointGroup group() {
    return (HealthEndpointGroup)
        Proxy.newProxyInstance(
            HealthEndpointGroup.class.getClassLoader(),
            new Class<?>[] {HealthEndpointGroup.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getStatusAggregator" -> StatusAggregator.getDefault();
                  case "getHttpCodeStatusMapper" -> (HttpCodeStatusMapper) status -> 200;
                  case "getAdditionalPath" -> null;
                  default -> true;
                });
  }

  private int status(String... path) {
    return health
        .health(ApiVersion.LATEST, WebServerNamespace.SERVER, SecurityContext.NONE, path)
        .getStatus();
  }

  @Test
  void whatThereIsIsShown() {
    assertThat(status()).isEqualTo(200);
    assertThat(status("store")).isEqualTo(200);
    assertThat(status("ready")).isEqualTo(200);
    assertThat(status("ready", "pool")).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a/b",
        "a/b/c/d/e",
        "a/store",
        "store/x",
        "store/x/y",
        "pool/store",
        "ready/a",
        "ready/a/b",
        "ready/store/x",
        "ready/ready",
        "READY/store",
        "/",
        " / ",
        "é/${x}"
      })
  void anythingElseIsNotFound(String path) {
    assertThatThrownBy(() -> status(path.split("/", -1)))
        .isInstanceOfSatisfying(
            ResponseStatusException.class,
            absent -> assertThat(absent.getStatusCode().value()).isEqualTo(404));
  }
}
