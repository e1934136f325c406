package dev.manyhands.http;

import dev.manyhands.model.Job;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;

/** The heads of answers that several controllers give: status and headers. */
public final class Answers {
  private Answers() {}

  /**
   * Returns the head of the answer to a submission: 200 if the service waited and the job has
   * ended, else 202.
   */
  public static BodyBuilder submitted(Job job, Duration patience, @Nullable String prefer) {
    boolean ended = job.status().state().isTerminal() && !patience.isZero();
    return waited(placed(job, ended ? HttpStatus.OK : HttpStatus.ACCEPTED), patience, prefer);
  }

  /** Returns the head of an answer with a job as JSON; {@code Location} has the job's path. */
  public static BodyBuilder placed(Job job, HttpStatus status) {
    return ResponseEntity.status(status)
        .location(URI.create(JobPath.of(job.id())))
        .contentType(MediaType.APPLICATION_JSON);
  }

  /**
   * Adds the header {@code Preference-Applied} with the longest wait, in whole seconds. Adds
   * nothing if the header {@code Prefer} of the request asks for no wait.
   */
  public static BodyBuilder waited(BodyBuilder answer, Duration patience, @Nullable String prefer) {
    return Patience.isPreferred(prefer) && !patience.isZero()
        ? answer.header("Preference-Applied", "wait=" + patience.toSeconds())
        : answer;
  }
}
