package dev.manyhands.http;

import dev.manyhands.model.Job;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;

/** The heads of answers that several controllers give. */
public final class Answers {
  private Answers() {}

  /** The answer to a submission in any form, which may have waited for the end of the job. */
  public static BodyBuilder submitted(Job job, Duration patience, @Nullable String prefer) {
    boolean ended = job.status().state().isTerminal() && !patience.isZero();
    return waited(placed(job, ended ? HttpStatus.OK : HttpStatus.ACCEPTED), patience, prefer);
  }

  /** An answer that has a job as JSON and names the place of the job. */
  public static BodyBuilder placed(Job job, HttpStatus status) {
    return ResponseEntity.status(status)
        .location(URI.create(JobPath.of(job.id())))
        .contentType(MediaType.APPLICATION_JSON);
  }

  /** Adds the wait that the client preferred, if the service has waited for that. */
  public static BodyBuilder waited(BodyBuilder answer, Duration patience, @Nullable String prefer) {
    return prefer == null || patience.isZero()
        ? answer
        : answer.header("Preference-Applied", "wait=" + patience.toSeconds());
  }
}
