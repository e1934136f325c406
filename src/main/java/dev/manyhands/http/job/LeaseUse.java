package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.Leases;
import dev.manyhands.model.JobId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/** Uses the lease of a job during each request about the job, also while a stream is followed. */
public final class LeaseUse implements HandlerInterceptor {
  private static final String USE = LeaseUse.class.getName();

  private final Leases leases;

  public LeaseUse(Leases leases) {
    this.leases = leases;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
        instanceof Map<?, ?> names) {
      JobId.parse(String.valueOf(names.get("id")))
          .ifPresent(job -> request.setAttribute(USE, leases.use(job)));
    }
    return true;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    if (request.getAttribute(USE) instanceof Leases.Use use) {
      use.close();
    }
  }

  /** The paths of requests about one job. */
  public static String paths() {
    return JobPath.JOBS + "/*/**";
  }
}
