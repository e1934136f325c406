package dev.manyhands.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.AbstractEnvironment;
import org.springframework.core.env.MapPropertySource;

class PreparedBeansTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "manyhands.workers.slots",
        "MANYHANDS_DATA_DIR",
        "SERVER_PORT",
        "server.address",
        "server.tomcat.max-connections",
        "logging.structured.format.console",
        "PATH",
        "SPRINGS_ARE_NICE"
      })
  void valuesDoNotDecideOnBeans(String name) {
    assertThat(wouldBeTheSameWith("commandLineArgs", name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "management.server.port",
        "MANAGEMENT_SERVER_PORT",
        "management.endpoints.web.exposure.include",
        "spring.threads.virtual.enabled",
        "SPRING_APPLICATION_JSON",
        "SPRING_PROFILES_ACTIVE",
        "server.forward-headers-strategy",
        "SERVER_FORWARDHEADERSSTRATEGY"
      })
  void otherSettingsOfTheFrameworkMay(String name) {
    assertThat(wouldBeTheSameWith("systemEnvironment", name)).isFalse();
    assertThat(wouldBeTheSameWith("Config resource 'file [application.yaml]'", name)).isFalse();
  }

  @Test
  void theBuildHasSeenTheJarsOwnSettings() {
    assertThat(
            wouldBeTheSameWith(
                "Config resource 'class path resource [application.yaml]' via location"
                    + " 'optional:classpath:/'",
                "management.server.port"))
        .isTrue();
  }

  private static boolean wouldBeTheSameWith(String source, String name) {
    var environment = new AbstractEnvironment() {};
    environment.getPropertySources().addFirst(new MapPropertySource(source, Map.of(name, "1")));
    return PreparedBeans.wouldBeTheSame(environment);
  }
}
