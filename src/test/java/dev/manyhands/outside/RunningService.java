package dev.manyhands.outside;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts one service for the tests of a class, which get it as a parameter: {@code MyIT(Service
 * service)}. The tests are skipped on a machine without Python.
 *
 * <p>The service is closed after the last test of the class. If a test fails, the lines that the
 * service logged during the test are printed.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ServiceExtension.class)
@interface RunningService {
  /** Settings of the service, such as {@code manyhands.workers.slots=2}. */
  String[] value() default {};
}
