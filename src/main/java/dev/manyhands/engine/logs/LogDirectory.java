package dev.manyhands.engine.logs;

import dev.manyhands.model.JobId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the directory for the logs of one database. Each database has its own, so that a service
 * with another database does not take these logs for logs of deleted jobs.
 */
public final class LogDirectory {
  private static final Logger log = LoggerFactory.getLogger(LogDirectory.class);

  private LogDirectory() {}

  /**
   * Returns the directory for a database; it may not exist yet. Moves logs there that an earlier
   * version stored without a directory of their database. Such logs of other databases stay.
   *
   * @param logs holds a directory for each database
   * @param database the name of the database, which is also the name of the directory
   * @param isThere whether the database has a job
   */
  public static Path of(Path logs, String database, Predicate<JobId> isThere) throws IOException {
    Path directory = logs.resolve(database);
    for (JobId job : jobsIn(logs)) {
      if (isThere.test(job)) {
        Files.createDirectories(directory);
        move(logs.resolve(job.toString()), directory.resolve(job.toString()));
      }
    }
    return directory;
  }

  /** Moves a log, unless the job has one there, which somebody has copied back then. */
  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to);
    } catch (FileAlreadyExistsException both) {
      log.warn("the log {} stays where it is, because {} is there, too", from, to);
    }
  }

  /** Returns the jobs that have a log in the directory. */
  static List<JobId> jobsIn(Path directory) throws IOException {
    try (var logs = Files.list(directory)) {
      return logs.flatMap(log -> JobId.parse(log.getFileName().toString()).stream()).toList();
    } catch (NoSuchFileException nothingWasPrinted) {
      return List.of();
    }
  }
}
