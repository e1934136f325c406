package dev.manyhands.app;

import dev.manyhands.http.RequestIds;
import dev.manyhands.http.access.AccessFilter;
import dev.manyhands.http.access.AccessTokens;
import dev.manyhands.http.access.BindRule;
import java.io.File;
import java.net.InetAddress;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Wires the checks that decide which requests are accepted. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  @Bean
  AccessTokens accessTokens(ManyhandsProperties properties) {
    return accessTokens(properties.security());
  }

  /**
   * @throws IllegalArgumentException if the settings cannot be used; no message contains a token
   */
  static AccessTokens accessTokens(ManyhandsProperties.Security security) {
    return AccessTokens.of(security.tokens(), security.metricsTokens());
  }

  @Bean
  FilterRegistrationBean<AccessFilter> accessFilter(
      AccessTokens tokens, ManyhandsProperties properties) {
    var registration =
        new FilterRegistrationBean<>(
            new AccessFilter(tokens, properties.security().allowedHosts()));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return registration;
  }

  /** Runs before all other filters, so that a refused request has an id too. */
  @Bean
  FilterRegistrationBean<RequestIds> requestIds() {
    var registration = new FilterRegistrationBean<>(new RequestIds());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsOfTheServer() {
    return factory ->
        factory.addContextCustomizers(context -> {
          if (context.getParent() instanceof StandardHost host) {
            host.setErrorReportValveClass(ProblemValve.class.getName());
          }
        });
  }

  /**
   * Lets the server keep its files, of which it has none, in the data directory. The server would
   * make new directories in {@code /tmp} at each start, which a killed service leaves behind.
   */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> directoryOfTheServer(
      DataDirectory directory) {
    return factory -> {
      File base = directory.path().resolve("tomcat").toAbsolutePath().toFile();
      File documents = new File(base, "documents");
      if (!documents.isDirectory() && !documents.mkdirs()) {
        throw new CannotStartException(
            "the directory " + documents + " cannot be made",
            "Make room in the data directory, or let the user of the service write there.",
            null);
      }
      factory.setBaseDirectory(base);
      factory.getSettings().setDocumentRoot(documents);
    };
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> promptHints() {
    return factory -> factory.setProtocol(PromptHints.class.getName());
  }

  /** Checks the addresses when a web server is made, before the server listens. */
  @Bean
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> bindRule(
      ServerProperties server, Environment environment, AccessTokens tokens) {
    return factory -> checkAddresses(server, environment, tokens);
  }

  static void checkAddresses(
      ServerProperties server, Environment environment, AccessTokens tokens) {
    BindRule.check(server.getAddress(), tokens.all());
    if (environment.containsProperty("management.server.port")) {
      BindRule.check(
          environment.getProperty("management.server.address", InetAddress.class), tokens.all());
    }
  }
}
