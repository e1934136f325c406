package dev.manyhands.client.check;

import com.fasterxml.jackson.databind.MapperFeature;
import dev.manyhands.client.ApiClient;
import dev.manyhands.client.ApiException;
import dev.manyhands.client.api.FunctionsApi;
import dev.manyhands.client.api.JobsApi;
import dev.manyhands.client.model.FunctionChoice;
import dev.manyhands.client.model.FunctionDefinition;
import dev.manyhands.client.model.Inputs;
import dev.manyhands.client.model.Job;
import dev.manyhands.client.model.JobList;
import dev.manyhands.client.model.JobRequest;
import dev.manyhands.client.model.JobRetry;
import dev.manyhands.client.model.JobState;
import dev.manyhands.client.model.ListedInputs;
import dev.manyhands.client.model.MaxFailures;
import dev.manyhands.client.model.Problem;
import dev.manyhands.client.model.PythonFunction;
import dev.manyhands.client.model.Range;
import dev.manyhands.client.model.RangeInputs;
import dev.manyhands.client.model.ResultsPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Uses the generated Java client against a running service, whose address is the argument. */
public final class ClientCheck {
  private static final String GCD =
      """
      def gcd(a, b):
          for i in range(min(a, b), 0, -1):
              if a % i == b % i == 0:
                  return i
      """;

  private static final double PATIENCE_SECONDS = 100;

  private final ApiClient client = new ApiClient();
  private final JobsApi jobs;
  private final FunctionsApi functions;

  // Deprecated, but the generated client offers no builder of its mapper.
  @SuppressWarnings("deprecation")
  private ClientCheck(String service) {
    // Without this, a number is also a text, and a choice of both is ambiguous.
    client.setObjectMapper(
        client.getObjectMapper().configure(MapperFeature.ALLOW_COERCION_OF_SCALARS, false));
    client.updateBaseUri(service);
    jobs = new JobsApi(client);
    functions = new FunctionsApi(client);
  }

  /** Ends with an exception if anything is not as the contract says. */
  public static void main(String[] arguments) throws Exception {
    var check = new ClientCheck(arguments[0]);
    Job builtIn = check.submitsTheMainJob();
    Job inline = check.submitsCodeAndMoreOptions();
    check.listsJobsPageByPage(Set.of(builtIn.getId(), inline.getId()));
    check.pagesThroughResults();
    check.retriesNamedItems(inline);
    check.registersAFunction();
    check.readsAProblem();
    System.out.println("The generated Java client works.");
  }

  private static void expect(Object wanted, Object found) {
    if (!wanted.equals(found)) {
      throw new IllegalStateException("expected " + wanted + ", found " + found);
    }
  }

  private static Inputs listed(Object... items) {
    var list = new ListedInputs();
    list.addAll(List.of(items));
    return new Inputs(list);
  }

  private Job run(JobRequest request) throws ApiException {
    Job job = jobs.submitJob(request, null, null, PATIENCE_SECONDS);
    expect(JobState.SUCCEEDED, job.getState());
    return job;
  }

  private Job submitsTheMainJob() throws ApiException {
    return run(
        new JobRequest()
            .function(new FunctionChoice("gcd"))
            .inputs(listed(List.of(12, 18), List.of(7, 13))));
  }

  private Job submitsCodeAndMoreOptions() throws ApiException {
    var code = new PythonFunction().runtime(PythonFunction.RuntimeEnum.PYTHON).code(GCD);
    Job job =
        run(
            new JobRequest()
                .function(new FunctionChoice(code))
                .call(JobRequest.CallEnum.STARMAP)
                .maxFailures(new MaxFailures("5%"))
                .inputs(
                    listed(
                        List.of(1963309, 2265973),
                        List.of(2030677, 3814172),
                        List.of(1551645, 2229620),
                        List.of(2039045, 2020802),
                        List.of(1823712, 1924928))));
    expect(List.of(1, 1, 5, 1, 32), job.getResult());
    expect("5%", job.getMaxFailures().getActualInstance());
    expect(5L, job.getItems().getSucceeded());
    return job;
  }

  private void listsJobsPageByPage(Set<String> wanted) throws ApiException {
    var found = new ArrayList<String>();
    String cursor = null;
    do {
      JobList page =
          jobs.listJobs(List.of(JobState.SUCCEEDED), null, null, null, null, null, null, 1, cursor);
      page.getJobs().forEach(job -> found.add(job.getId()));
      cursor = page.getNext();
    } while (cursor != null);
    expect(true, found.containsAll(wanted));
  }

  private void pagesThroughResults() throws ApiException {
    Job job =
        run(
            new JobRequest()
                .function(new FunctionChoice("sum_of_squares"))
                .inputs(new Inputs(new RangeInputs().range(new Range().stop(10L)))));
    var values = new ArrayList<Object>();
    Long next = 0L;
    while (next != null) {
      ResultsPage page = jobs.getResults(job.getId(), next, null, 3L, null, null, null, null, null);
      values.addAll(page.getResults());
      next = page.getNext();
    }
    expect(10, values.size());
  }

  private void retriesNamedItems(Job job) throws ApiException {
    Job retry = jobs.retryJob(job.getId(), new JobRetry().items(List.of(List.of(1L, 3L))));
    Job ended = jobs.getJob(retry.getId(), PATIENCE_SECONDS, null, null);
    expect(List.of(1, 5), ended.getResult());
  }

  private void registersAFunction() throws ApiException {
    var code = new PythonFunction().runtime(PythonFunction.RuntimeEnum.PYTHON).code(GCD);
    var put = functions.putFunction("generated_gcd", new FunctionDefinition(code));
    expect("generated_gcd", put.getName());
    expect(GCD, functions.getFunction("generated_gcd").getDefinition().getCode());
  }

  private void readsAProblem() throws Exception {
    try {
      jobs.getJob("nothing", null, null, null);
      throw new IllegalStateException("there is a job 'nothing'");
    } catch (ApiException refused) {
      Problem problem =
          client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      expect(404, refused.getCode());
      expect("urn:manyhands:problem:not-found", problem.getType().toString());
      expect("there is no job nothing", problem.getDetail());
    }
  }
}
