package dev.manyhands.http.job;

import dev.manyhands.http.FormParts;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.BoundedInput;
import dev.manyhands.intake.StagedInputs;
import dev.manyhands.jobs.Uploads;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.jspecify.annotations.Nullable;

/**
 * Accepts a job that is sent as a form: a part {@code job}, which is JSON, and a part {@code
 * inputs}, with one item on each line. The job runs while its inputs still arrive if {@code job}
 * comes first, as it should. The bytes of the inputs are not bounded then. Inputs that come first
 * wait in the store for their job. Their bytes are bounded as those of a body.
 */
public final class JobForms {
  private static final String JOB = "job";
  private static final String INPUTS = "inputs";

  private final Uploads uploads;
  private final ApiLimits limits;

  public JobForms(Uploads uploads, ApiLimits limits) {
    this.uploads = uploads;
    this.limits = limits;
  }

  /**
   * @param begun is called once with the job, as soon as it is durable
   * @throws Refusal if the request is no such form, or the job or its inputs are refused
   * @throws IOException if the client breaks off
   */
  Job submit(HttpServletRequest request, Consumer<Job> begun) throws IOException {
    return FormParts.read(request, form -> submit(form, begun));
  }

  private Job submit(FormParts form, Consumer<Job> begun) throws IOException {
    FileItemStream first = part(form.next());
    if (first.getFieldName().equals(JOB)) {
      try (var hold = uploads.hold()) {
        byte[] job = job(first, hold);
        FileItemStream second = part(form.next());
        if (!second.getFieldName().equals(INPUTS)) {
          throw Refusal.malformed(JOB, "must be there once");
        }
        try (var lines = new LastPart(second.openStream(), form)) {
          return uploads.submit(job, lines, hold, begun);
        }
      }
    }
    Job submitted = inputsFirst(first, form);
    begun.accept(submitted);
    return submitted;
  }

  private Job inputsFirst(FileItemStream inputs, FormParts form) throws IOException {
    StagedInputs ahead = uploads.ahead();
    boolean taken = false;
    try (var hold = uploads.hold()) {
      try (var lines =
          new BoundedInput(inputs.openStream(), limits.maxBodyBytes(), JobForms::tooLarge)) {
        uploads.read(lines, ahead, hold);
      }
      FileItemStream second = part(form.next());
      if (!second.getFieldName().equals(JOB)) {
        throw Refusal.malformed(INPUTS, "must be there once");
      }
      byte[] job = job(second, hold);
      refuseMore(form.next());
      Job submitted = uploads.submit(job, ahead);
      taken = true;
      return submitted;
    } finally {
      if (!taken) {
        ahead.abandon();
      }
    }
  }

  private byte[] job(FileItemStream part, BodyMemory.Hold hold) throws IOException {
    return FormParts.spec(
        part,
        hold,
        () -> Refusal.tooLarge(JOB, "may have at most " + limits.maxSpecBytes() + " bytes"));
  }

  private static FileItemStream part(@Nullable FileItemStream part) {
    if (part == null) {
      throw Refusal.malformed(
          "",
          "the form must have a part job and a part inputs; with curl: -F job=@job.json -F"
              + " inputs=@inputs.ndjson");
    }
    String name = part.getFieldName();
    if (!JOB.equals(name) && !INPUTS.equals(name)) {
      throw FormParts.unknown(name, "job, inputs");
    }
    return part;
  }

  private static void refuseMore(@Nullable FileItemStream part) {
    if (part != null) {
      throw Refusal.malformed(String.valueOf(part.getFieldName()), "is one part too many");
    }
  }

  private static Refusal tooLarge(long most) {
    return Refusal.tooLarge(
        INPUTS,
        "has more than "
            + most
            + " bytes (manyhands.limits.body); put the part job before it: then it may have any"
            + " length");
  }

  /**
   * Checks that the form ends with the inputs. A job must not be closed as complete when the form
   * has a further part.
   */
  private static final class LastPart extends FilterInputStream {
    private final FormParts form;
    private boolean ended;

    LastPart(InputStream in, FormParts form) {
      super(in);
      this.form = form;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = ended ? -1 : super.read(buffer, offset, length);
      if (n < 0 && !ended) {
        ended = true;
        refuseMore(form.next());
      }
      return n;
    }
  }
}
