package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.jobs.SubmissionListener.Committing;
import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Trace;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans by OTLP over HTTP. The spans form this tree. All of them belong to the trace of the
 * client that submitted the job, or to a new trace:
 *
 * <pre>
 * submit              the request, until its job is on disk
 * ├─ commit           of the job
 * └─ job              from its submission to the commit of its end
 *    ├─ schedule      until its first chunk is handed out
 *    ├─ chunk …       each report of a worker or the memo, from handing the items over
 *    └─ commit …      of each report
 * </pre>
 *
 * The id of the job's span is chosen at the submission and stored with the job. The spans therefore
 * stay connected over restarts, and functions can use the job's span as a parent. Spans contain
 * ids, counts, times and fixed words, but no data of users. Safe for use by any thread. A span is
 * dropped if the queue is full.
 */
public final class OtlpTraces implements JobTraces, AutoCloseable {
  private static final int QUEUE = 4_096;
  private static final Duration SEND_EVERY = Duration.ofSeconds(1);
  private static final Duration LONGEST_SEND = Duration.ofSeconds(10);
  private static final Duration LONGEST_FLUSH = Duration.ofSeconds(2);

  private static final AttributeKey<String> JOB = AttributeKey.stringKey("manyhands.job.id");
  private static final AttributeKey<String> STATE = AttributeKey.stringKey("manyhands.job.state");
  private static final AttributeKey<String> RUNTIME = AttributeKey.stringKey("manyhands.runtime");
  private static final AttributeKey<Long> FIRST = AttributeKey.longKey("manyhands.items.first");
  private static final AttributeKey<Long> ITEMS = AttributeKey.longKey("manyhands.items.count");
  private static final AttributeKey<Long> FAILED = AttributeKey.longKey("manyhands.items.failed");
  private static final AttributeKey<Long> WORKER = AttributeKey.longKey("manyhands.worker");
  private static final AttributeKey<Long> PID = AttributeKey.longKey("process.pid");
  private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("manyhands.attempt");

  private final GivenIds ids = new GivenIds();
  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final Clock clock;

  /**
   * Creates the sender. Nothing is sent before the first span.
   *
   * @throws IllegalArgumentException if the endpoint is no http or https URL
   */
  public OtlpTraces(TraceSettings settings, Clock clock) {
    var exporter =
        OtlpHttpSpanExporter.builder().setEndpoint(settings.url()).setTimeout(LONGEST_SEND);
    settings.headers().forEach(exporter::addHeader);
    provider =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.share())))
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(
                                AttributeKey.stringKey("service.name"),
                                settings.service(),
                                AttributeKey.stringKey("service.version"),
                                settings.version()))))
            .addSpanProcessor(
                BatchSpanProcessor.builder(new OutageLog(exporter.build(), settings.url()))
                    .setMaxQueueSize(QUEUE)
                    .setScheduleDelay(SEND_EVERY)
                    .build())
            .build();
    tracer = provider.get("dev.manyhands", settings.version());
    this.clock = clock;
  }

  @Override
  public Submitting submitting() {
    Trace client = ClientTrace.ofThisRequest();
    Context parent =
        client == null ? Context.root() : context(client, client.spanId(), client.sampled());
    return new Submission(
        tracer
            .spanBuilder("submit")
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(clock.instant())
            .startSpan());
  }

  /** A submission as a span, with the span of its job below it. */
  private final class Submission implements Submitting {
    private final Span span;
    private final Trace trace;
    private boolean accepted;

    Submission(Span span) {
      this.span = span;
      SpanContext place = span.getSpanContext();
      this.trace =
          new Trace(place.getTraceId(), ids.generateSpanId(), place.isSampled(), place.getSpanId());
    }

    @Override
    public Trace trace() {
      return trace;
    }

    @Override
    public Committing committing() {
      Span commit =
          tracer
              .spanBuilder("commit")
              .setParent(Context.root().with(span))
              .setStartTimestamp(clock.instant())
              .startSpan();
      return () -> commit.end(clock.instant());
    }

    @Override
    public void accepted(JobId job) {
      accepted = true;
      span.setAttribute(JOB, job.toString());
    }

    @Override
    public void close() {
      if (!accepted) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end(clock.instant());
    }
  }

  @Override
  public SchedulerListener andThen(SchedulerListener listener) {
    return new SchedulerListener() {
      @Override
      public void started(Job job, Duration waited) {
        listener.started(job, waited);
        tell(
            below(job, "schedule"),
            job.submittedAt(),
            job.submittedAt().plus(waited.isNegative() ? Duration.ZERO : waited));
      }

      @Override
      public void reported(Job job, OutcomeReport report) {
        listener.reported(job, report);
        SpanBuilder span = below(job, "chunk");
        if (span != null) {
          tell(withItems(span, report), report.startedAt(), report.finishedAt());
        }
      }

      @Override
      public void stored(Job job, OutcomeReport report) {
        listener.stored(job, report);
        SpanBuilder span = below(job, "commit");
        if (span != null) {
          tell(withItems(span, report), report.finishedAt(), clock.instant());
        }
      }

      @Override
      public void finished(Job job, JobStatus status) {
        listener.finished(job, status);
      }

      @Override
      public void ended(Job job, JobStatus status) {
        listener.ended(job, status);
        tellJob(job, status);
      }
    };
  }

  private void tellJob(Job job, JobStatus status) {
    Trace trace = kept(job);
    if (trace == null || trace.parentSpan() == null) {
      return;
    }
    SpanBuilder builder =
        tracer
            .spanBuilder("job")
            .setParent(context(trace, trace.parentSpan(), true))
            .setAttribute(JOB, job.id().toString())
            .setAttribute(RUNTIME, job.spec().function().definition().runtime().label())
            .setAttribute(STATE, status.state().name())
            .setAttribute(ITEMS, status.tally().total())
            .setAttribute(FAILED, status.tally().failed())
            .setStartTimestamp(job.submittedAt());
    Span span = ids.withNext(trace.spanId(), builder::startSpan);
    if (status.state() == JobState.FAILED) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(clock.instant());
  }

  /** Returns the job's trace if its spans are kept; null otherwise. */
  private static @Nullable Trace kept(Job job) {
    Trace trace = job.spec().trace();
    return trace != null && trace.parentSpan() != null && trace.sampled() ? trace : null;
  }

  private @Nullable SpanBuilder below(Job job, String name) {
    Trace trace = kept(job);
    return trace == null
        ? null
        : tracer
            .spanBuilder(name)
            .setParent(context(trace, trace.spanId(), true))
            .setAttribute(JOB, job.id().toString());
  }

  private static SpanBuilder withItems(SpanBuilder span, OutcomeReport report) {
    var outcomes = report.outcomes();
    return span.setAttribute(FIRST, outcomes.items().first())
        .setAttribute(ITEMS, outcomes.items().count())
        .setAttribute(FAILED, (long) outcomes.errors().size())
        .setAttribute(WORKER, report.worker())
        .setAttribute(PID, report.pid())
        .setAttribute(ATTEMPT, (long) report.attempt());
  }

  private static void tell(@Nullable SpanBuilder span, Instant start, Instant end) {
    if (span != null) {
      // The clock may have been set back in between.
      span.setStartTimestamp(start).startSpan().end(end.isBefore(start) ? start : end);
    }
  }

  private static Context context(Trace trace, String spanId, boolean sampled) {
    var place =
        SpanContext.createFromRemoteParent(
            trace.traceId(),
            spanId,
            sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(),
            TraceState.getDefault());
    return Context.root().with(Span.wrap(place));
  }

  /** Sends the remaining spans, as far as possible within a short time. */
  @Override
  public void close() {
    provider.shutdown().join(LONGEST_FLUSH.toMillis(), TimeUnit.MILLISECONDS);
  }
}
