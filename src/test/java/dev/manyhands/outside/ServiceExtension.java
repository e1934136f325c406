package dev.manyhands.outside;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Starts the services that {@link RunningService} describes, and gives them to tests. */
final class ServiceExtension
    implements BeforeAllCallback,
        BeforeTestExecutionCallback,
        AfterTestExecutionCallback,
        ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(ServiceExtension.class);
  private static final String SERVICE = "service";
  private static final String LOGGED_BEFORE = "logged before";

  /** Starts the service. The store of the class closes it after the last test of the class. */
  @Override
  public void beforeAll(ExtensionContext context) {
    var wanted =
        AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RunningService.class)
            .orElseThrow();
    Requirements.python();
    String[] settings =
        Stream.of(wanted.value()).map(setting -> "--" + setting).toArray(String[]::new);
    store(context).put(SERVICE, Service.start(Service.newDirectory(), settings));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Service.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return service(context);
  }

  @Override
  public void beforeTestExecution(ExtensionContext context) {
    store(context).put(LOGGED_BEFORE, service(context).log().length());
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    boolean failed =
        context
            .getExecutionException()
            .filter(reason -> !(reason instanceof TestAbortedException))
            .isPresent();
    if (failed) {
      String log = service(context).log();
      int before = store(context).get(LOGGED_BEFORE, Integer.class);
      System.err.println(
          "The service of %s logged:%n%s"
              .formatted(context.getUniqueId(), log.substring(Math.min(before, log.length()))));
    }
  }

  private static Service service(ExtensionContext context) {
    return store(context).get(SERVICE, Service.class);
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }
}
