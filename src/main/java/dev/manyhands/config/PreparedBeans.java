package dev.manyhands.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.system.ApplicationHome;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.ClassUtils;

/**
 * Decides whether this start takes the bean definitions that the build has written as code
 * (Spring's ahead-of-time processing), which saves a fifth of it. Which beans there are is then
 * decided by {@code application.yaml} alone. So they are taken only where nobody has set anything
 * that such a decision may depend on: a setting of the framework's, apart from a few that are
 * values and nothing else. Otherwise the configuration is read as it always was, and what was set
 * counts.
 *
 * <p>Runs when all settings are known, before the application context is made. {@code
 * -Dspring.aot.enabled} overrules it.
 */
public final class PreparedBeans
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  private static final String FLAG = "spring.aot.enabled";

  /** What the build has seen too, or what is known of the jar and the process. */
  private static final List<String> OWN =
      List.of("Config resource 'class path resource [application.yaml]'", "applicationInfo");

  private static final List<String> OF_THE_FRAMEWORK = List.of("spring.", "server.", "management.");
  private static final List<String> VALUES =
      List.of("server.port", "server.address", "server.ssl.", "server.tomcat.");

  private final Class<?> application;

  /**
   * Of a service.
   *
   * @param application the class it is started by
   */
  public PreparedBeans(Class<?> application) {
    this.application = application;
  }

  /** The last, as others read configuration files first. */
  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    if (SpringProperties.getProperty(FLAG) == null
        && arePackaged()
        && wouldBeTheSame(event.getEnvironment())) {
      SpringProperties.setFlag(FLAG);
    }
  }

  /** In a directory of classes they may be left from an earlier build. */
  private boolean arePackaged() {
    var source = new ApplicationHome(application).getSource();
    return source != null
        && source.isFile()
        && ClassUtils.isPresent(
            application.getName() + "__ApplicationContextInitializer",
            application.getClassLoader());
  }

  static boolean wouldBeTheSame(ConfigurableEnvironment environment) {
    return environment.getPropertySources().stream()
        .filter(source -> OWN.stream().noneMatch(source.getName()::startsWith))
        .filter(EnumerablePropertySource.class::isInstance)
        .flatMap(source -> Stream.of(((EnumerablePropertySource<?>) source).getPropertyNames()))
        .noneMatch(PreparedBeans::mayDecideOnBeans);
  }

  /** As an environment variable spells a name, or as a file does. */
  private static boolean mayDecideOnBeans(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace('_', '.');
    return OF_THE_FRAMEWORK.stream().anyMatch(plain::startsWith)
        && VALUES.stream().noneMatch(plain::startsWith);
  }
}
