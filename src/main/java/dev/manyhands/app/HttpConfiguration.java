package dev.manyhands.app;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.worker.PythonState;
import dev.manyhands.engine.worker.StoredItems;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.engine.worker.process.WorkerLauncher;
import dev.manyhands.function.Bundles;
import dev.manyhands.function.Functions;
import dev.manyhands.http.Activity;
import dev.manyhands.http.ItemInputs;
import dev.manyhands.http.KnownParameters;
import dev.manyhands.http.PlainBodies;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.http.event.JobEvents;
import dev.manyhands.http.event.ServiceEvents;
import dev.manyhands.http.event.SharedSetEvents;
import dev.manyhands.http.function.FunctionForms;
import dev.manyhands.http.job.ItemPageWriter;
import dev.manyhands.http.job.ItemPages;
import dev.manyhands.http.job.ItemReader;
import dev.manyhands.http.job.JobForms;
import dev.manyhands.http.job.JobNotes;
import dev.manyhands.http.job.JobRequestWriter;
import dev.manyhands.http.job.JobViews;
import dev.manyhands.http.job.LeaseUse;
import dev.manyhands.http.job.SlotHolders;
import dev.manyhands.http.result.CompletionLines;
import dev.manyhands.http.result.ResultsWriter;
import dev.manyhands.http.service.Build;
import dev.manyhands.http.service.StoreKind;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.ComparisonReader;
import dev.manyhands.intake.FunctionReader;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.SpecReader;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.BulkActions;
import dev.manyhands.jobs.CallbackTrigger;
import dev.manyhands.jobs.Handover;
import dev.manyhands.jobs.ItemCancellations;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.JobLists;
import dev.manyhands.jobs.Leases;
import dev.manyhands.jobs.NewJobs;
import dev.manyhands.jobs.Retries;
import dev.manyhands.jobs.SubmissionListener;
import dev.manyhands.jobs.Submissions;
import dev.manyhands.jobs.Uploads;
import dev.manyhands.jobs.WaitingJobs;
import dev.manyhands.jobs.callback.Callbacks;
import dev.manyhands.jobs.comparison.ComparisonRunner;
import dev.manyhands.jobs.comparison.Comparisons;
import dev.manyhands.jobs.comparison.ResultsDigest;
import dev.manyhands.model.ItemError;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.sql.StoreSettings;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.function.Supplier;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.handler.MappedInterceptor;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The parts of the API that are not controllers. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration implements WebMvcConfigurer {

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new PlainBodies());
    registry.addInterceptor(new KnownParameters()).addPathPatterns("/api/**");
  }

  @Bean
  JsonMapperBuilderCustomizer timesAsText() {
    return builder -> builder.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS);
  }

  /** Leaves out {@code data} of errors that have none, as all errors of most jobs. */
  @Bean
  JsonMapperBuilderCustomizer errorsWithoutData() {
    return builder -> builder.addMixIn(ItemError.class, DataOfErrors.class);
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
  FunctionForms functionForms(
      Bundles bundles,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      BodyMemory memory) {
    return new FunctionForms(bundles, definitions, json, limits, memory);
  }

  @Bean
  Build build() {
    return Build.read();
  }

  @Bean
  StoreKind storeKind(StoreSettings store) {
    return store.place().startsWith("jdbc:sqlite:") ? StoreKind.SQLITE : StoreKind.POSTGRESQL;
  }

  @Bean
  Supplier<PythonState> python(WorkerLauncher launcher) {
    return launcher.python();
  }

  /** Reserves an eighth of the heap for request bodies that are being read. */
  @Bean
  BodyMemory bodyMemory(ApiLimits limits) {
    return new BodyMemory(Runtime.getRuntime().maxMemory() / 8, limits.maxSpecBytes());
  }

  @Bean
  SpecReader specReader(
      Functions functions,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      Callbacks callbacks,
      NamedSetStore sets) {
    return new SpecReader(functions, definitions, json, limits, callbacks::check, sets::find);
  }

  @Bean
  CallbackTrigger callbackTrigger(Callbacks callbacks, JobStore store, JobViews views) {
    return new CallbackTrigger(callbacks, store, views::of);
  }

  @Bean
  Retries retries(JobDesk jobs, Submissions submissions, JobStore store, Intake intake) {
    return new Retries(jobs, submissions, store, new StoredItems(store), intake);
  }

  @Bean
  JobDesk jobs(JobStore store, Scheduler scheduler, JobBoard board, WaitingJobs waiting) {
    return new JobDesk(store, scheduler, board, waiting);
  }

  @Bean
  JobLists jobLists(JobSearch search, JobStore store, JobBoard board) {
    return new JobLists(search, store, board);
  }

  @Bean
  BulkActions bulkActions(JobDesk jobs, JobLists lists, JobBoard board, JobLogs logs) {
    return new BulkActions(jobs, lists, board, logs::forget);
  }

  @Bean
  Handover handover(
      Scheduler scheduler,
      JobBoard board,
      WaitingJobs waiting,
      Leases leases,
      CallbackTrigger callbacks,
      SubmissionListener listener) {
    return new Handover(scheduler, board, waiting, leases, callbacks, listener);
  }

  /** Found by Spring, and called for requests about one job. */
  @Bean
  MappedInterceptor leaseUse(Leases leases) {
    return new MappedInterceptor(new String[] {LeaseUse.paths()}, new LeaseUse(leases));
  }

  @Bean
  Submissions submissions(
      JobDesk jobs, JobStore store, JobBoard board, Intake intake, Handover handover, Clock clock) {
    var newJobs = new NewJobs(store, clock, new SecureRandom());
    return new Submissions(jobs, store, board, intake, handover, newJobs);
  }

  @Bean
  Intake intake(SpecReader specs, ApiLimits limits, BodyMemory memory) {
    return new Intake(specs, limits, memory);
  }

  @Bean
  ItemInputs itemInputs(JobStore store) {
    return new ItemInputs(new StoredItems(store), Runtime.getRuntime().maxMemory());
  }

  @Bean
  ResultsWriter resultsWriter(JobStore store, ItemInputs inputs, JsonMapper json) {
    return new ResultsWriter(store, inputs, json);
  }

  @Bean
  CompletionLines completionLines(JobStore store, ItemInputs inputs, JsonMapper json) {
    return new CompletionLines(store, inputs, json);
  }

  @Bean
  JobNotes jobNotes(
      ResultsWriter results,
      JobStore store,
      Scheduler scheduler,
      UsageWatch workers,
      WorkerSettings settings,
      SharedObjects shared) {
    var holders = new SlotHolders(scheduler.slots(), workers::last, scheduler::aloneTurn);
    return new JobNotes(
        results, store, holders, workers::last, scheduler.slots(), settings.limits(), shared);
  }

  @Bean
  JobViews jobViews(ResultsWriter results, JsonMapper json, JobNotes notes, Clock clock) {
    return new JobViews(results, json, notes, clock);
  }

  @Bean
  JobEvents jobEvents(
      JobDesk jobs,
      JobBoard board,
      SharedObjects shared,
      JobViews views,
      JsonMapper json,
      StreamSettings settings,
      Clock clock) {
    return new JobEvents(
        jobs, board, shared, new JobEvents.Text(views, json, clock), settings, clock);
  }

  @Bean
  SharedSetEvents sharedSetEvents(
      SharedObjects shared, JobBoard board, JsonMapper json, StreamSettings settings, Clock clock) {
    return new SharedSetEvents(shared, board, json, settings, clock);
  }

  @Bean
  ServiceEvents serviceEvents(
      JobBoard board, Activity activity, JsonMapper json, StreamSettings settings) {
    return new ServiceEvents(board, activity, json, settings);
  }

  @Bean
  ItemReader items(JobStore store, Scheduler scheduler) {
    return new ItemReader(store, new StoredItems(store), scheduler);
  }

  @Bean
  ItemCancellations itemCancellations(JobDesk jobs, Scheduler scheduler, JobStore store) {
    return new ItemCancellations(jobs, scheduler, store);
  }

  @Bean
  ItemPages itemPages(JobStore store, Scheduler scheduler) {
    return new ItemPages(store, scheduler);
  }

  @Bean
  ItemPageWriter itemPageWriter(ItemInputs inputs, JsonMapper json) {
    return new ItemPageWriter(inputs, json);
  }

  @Bean
  JobRequestWriter jobRequestWriter(
      ItemInputs inputs, Functions functions, ApiLimits limits, JsonMapper json) {
    return new JobRequestWriter(inputs, functions::isRegistered, limits, json);
  }

  @Bean
  Uploads uploads(
      JobDesk jobs,
      Submissions submissions,
      JobStore store,
      Scheduler scheduler,
      ApiLimits limits,
      BodyMemory memory) {
    return new Uploads(jobs, submissions, store, scheduler, limits, memory);
  }

  @Bean
  JobForms jobForms(Uploads uploads, ApiLimits limits) {
    return new JobForms(uploads, limits);
  }

  // Started and stopped by ComparisonLifecycle.
  @Bean(destroyMethod = "")
  ComparisonRunner comparisonRunner(
      ComparisonStore store,
      JobDesk jobs,
      Submissions submissions,
      JobStore outcomes,
      JobBoard board,
      Clock clock) {
    return new ComparisonRunner(
        store, jobs, submissions, board, new ResultsDigest(outcomes), clock);
  }

  @Bean
  ComparisonLifecycle comparisonLifecycle(ComparisonRunner runner) {
    return new ComparisonLifecycle(runner);
  }

  @Bean
  Comparisons comparisons(
      ComparisonStore store,
      ComparisonRunner runner,
      JobBoard board,
      StrictJson json,
      Intake intake,
      Scheduler scheduler,
      Clock clock) {
    var reader = new ComparisonReader(intake.specs(), json, intake.limits(), scheduler.slots());
    return new Comparisons(store, reader, runner, board, intake, clock, new SecureRandom());
  }
}
