package dev.manyhands.http.service;

import java.io.IOException;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The page that shows the contract: the Swagger UI, from the jar and no other host. */
@Configuration(proxyBeanMethods = false)
class ContractPage implements WebMvcConfigurer {
  private static final String LIBRARY = "META-INF/maven/org.webjars/swagger-ui/pom.properties";

  @Override
  public void addViewControllers(ViewControllerRegistry registry) {
    // A redirect with an explicit status keeps the address as given here. Without a status, the
    // server puts its own name before the address.
    registry
        .addRedirectViewController("/swagger-ui.html", "/swagger-ui/index.html")
        .setStatusCode(HttpStatus.FOUND);
  }

  /** The first location holds the one file that specifies which document is shown. */
  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/swagger-ui/**")
        .addResourceLocations(
            "classpath:/swagger-ui/",
            "classpath:/META-INF/resources/webjars/swagger-ui/" + version() + "/")
        .setCacheControl(CacheControl.noCache());
  }

  private static String version() {
    try {
      return PropertiesLoaderUtils.loadProperties(new ClassPathResource(LIBRARY))
          .getProperty("version");
    } catch (IOException e) {
      throw new IllegalStateException("the Swagger UI is not on the class path", e);
    }
  }
}
