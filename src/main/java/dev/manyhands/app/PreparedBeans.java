package dev.manyhands.app;

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
 * Decides whether this start uses the bean definitions that the build has written as code (Spring's
 * ahead-of-time processing). They save a fifth of the start. The prepared definitions depend on
 * {@code application.yaml} alone. They are used only if no setting of the framework is set that may
 * decide which beans exist. A few settings that are mere values are allowed. Otherwise the
 * configuration is read as usual, and all settings take effect.
 *
 * <p>Runs when all settings are known, before the application context is made. {@code
 * -Dspring.aot.enabled} overrides the decision.
 */
public final class PreparedBeans
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  private static final String FLAG = "spring.aot.enabled";

  /** Sources of settings that the build has seen too, or that describe the jar and the process. */
  private static final List<String> OWN =
      List.of("Config resource 'class path resource [application.yaml]'", "applicationInfo");

  private static final List<String> OF_THE_FRAMEWORK = List.of("spring.", "server.", "management.");
  private static final List<String> VALUES =
      List.of("server.port", "server.address", "server.ssl.", "server.tomcat.");

  private final Class<?> application;

  /**
   * Creates the decision for a service.
   *
   * @param application the main class of the service
   */
  public PreparedBeans(Class<?> application) {
    this.application = application;
  }

  /** Runs last, because other listeners read configuration files first. */
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

  /**
   * Whether the service runs from a jar that has prepared definitions. A directory of classes may
   * hold definitions of an earlier build.
   */
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

  /**
   * Whether a setting of the framework may decide which beans exist. Its name may be spelled as an
   * environment variable, or as in a file.
   */
  private static boolean mayDecideOnBeans(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace('_', '.');
    return OF_THE_FRAMEWORK.stream().anyMatch(plain::startsWith)
        && VALUES.stream().noneMatch(plain::startsWith);
  }
}
