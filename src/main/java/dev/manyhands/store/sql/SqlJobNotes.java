package dev.manyhands.store.sql;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.store.writer.Transaction;
import java.sql.SQLException;
import java.util.List;

/** The notes of jobs: one of each kind for a job. */
final class SqlJobNotes {
  private SqlJobNotes() {}

  /** Adds a note, unless the job has a note of this kind or does not exist. */
  static void add(Transaction transaction, JobId id, JobNote note) throws SQLException {
    transaction.update(
        "INSERT INTO job_note (job_id, kind, detail) SELECT id, ?, ? FROM job WHERE id = ?"
            + " ON CONFLICT (job_id, kind) DO NOTHING",
        note.kind().name(),
        note.detail(),
        id.toString());
  }

  static List<JobNote> of(Database database, JobId id) {
    return new RowsOfJobs(database)
        .read(
            id,
            "kind, detail FROM job_note WHERE job_id = ? ORDER BY kind",
            (row, number) ->
                new JobNote(JobNote.Kind.valueOf(row.getString("kind")), row.getString("detail")),
            id.toString());
  }

  static void forget(Transaction transaction, JobId id) throws SQLException {
    transaction.update("DELETE FROM job_note WHERE job_id = ?", id.toString());
  }
}
