package dev.manyhands.api;

import dev.manyhands.function.Functions;
import dev.manyhands.metrics.ServiceMetrics;
import dev.manyhands.scheduler.JobBoard;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.store.JobStore;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The parts of the API that are not controllers. */
@Configuration(proxyBeanMethods = false)
class ApiConfiguration {

  @Bean
  JsonMapperBuilderCustomizer timesAsText() {
    return builder -> builder.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS);
  }

  @Bean
  StrictJson strictJson(ApiLimits limits) {
    return new StrictJson(limits);
  }

  @Bean
  FunctionReader functionReader(StrictJson json) {
    return new FunctionReader(json);
  }

  @Bean
  Jobs jobs(
      JobStore store,
      Scheduler scheduler,
      JobBoard board,
      Functions functions,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      ServiceMetrics metrics,
      Clock clock) {
    var specs = new SpecReader(functions, definitions, json, limits);
    return new Jobs(store, scheduler, board, specs, limits, metrics, clock, new SecureRandom());
  }

  @Bean
  ResultsWriter resultsWriter(JobStore store, JsonMapper json) {
    return new ResultsWriter(store, json);
  }

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        .info(
            new Info()
                .title("Manyhands")
                .version("v1")
                .description(
                    "Runs a function over many inputs on warm worker subprocesses: submit, watch, read ordered results."));
  }
}
