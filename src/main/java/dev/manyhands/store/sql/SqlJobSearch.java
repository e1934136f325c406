package dev.manyhands.store.sql;

import static dev.manyhands.store.sql.JobRows.OPEN_STATES;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.SearchText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.RowMapper;

/**
 * Finds jobs in SQLite or PostgreSQL.
 *
 * <p>A text is compared in Java: the databases differ in what they call equal letters, and the
 * words are inside of JSON. Outlines are therefore read in slices, because a description may be
 * long.
 */
final class SqlJobSearch implements JobSearch {

  /** Limit for the jobs that one statement names. */
  private static final int SLICE = 250;

  private final Database database;

  SqlJobSearch(Database database) {
    this.database = database;
  }

  @Override
  public List<Found> find(
      JobFilter filter, Set<JobState> states, @Nullable JobId before, int limit) {
    var sql = new SqlText();
    boolean isAny = states.isEmpty() || states.size() == JobState.values().length;
    if (isAny) {
      found(sql, filter, null, before, limit);
    } else {
      // The index of states is in the order of ids for one state only.
      String union = "SELECT * FROM (";
      for (JobState state : states) {
        sql.add(union);
        found(sql, filter, state, before, limit);
        sql.add(") AS " + state);
        union = " UNION ALL SELECT * FROM (";
      }
      sql.add(" ORDER BY id DESC LIMIT ?", limit);
    }
    return read(
        sql,
        (row, number) ->
            new Found(
                JobRows.jobId(row.getString("id")), JobState.valueOf(row.getString("state"))));
  }

  private static void found(
      SqlText sql, JobFilter filter, @Nullable JobState state, @Nullable JobId before, int limit) {
    sql.add("SELECT id, state FROM job WHERE ");
    conditions(sql, filter);
    if (filter.parent() != null) {
      sql.add(" AND parent_id = ?", filter.parent().toString());
    }
    if (state != null) {
      sql.add(" AND state = ?", state.name());
    }
    if (before != null) {
      sql.add(" AND id < ?", before.toString());
    }
    sql.add(" ORDER BY id DESC LIMIT ?", limit);
  }

  /**
   * Adds the conditions of a filter except for its states, its text and its parent. The caller adds
   * the parent, whose column is behind large columns.
   */
  private static void conditions(SqlText sql, JobFilter filter) {
    sql.add("1 = 1");
    if (filter.function() != null) {
      sql.add(" AND function_name = ?", filter.function());
    }
    if (filter.digest() != null) {
      sql.add(" AND function_digest = ?", filter.digest());
    }
    if (filter.label() != null) {
      sql.add(
          " AND id IN (SELECT job_id FROM job_label WHERE label_key = ? AND label_value = ?)",
          filter.label().key(),
          filter.label().value());
    }
    if (filter.since() != null) {
      sql.add(" AND submitted_at >= ?", JobRows.micros(filter.since()));
    }
  }

  private record Compared(JobId id, boolean isHit) {}

  @Override
  public List<JobId> withText(List<JobId> jobs, SearchText text) {
    var compared = new ArrayList<Compared>();
    forSlices(
        "SELECT id, function_name, outline FROM job WHERE id IN (",
        jobs,
        (row, number) -> {
          JobId id = JobRows.jobId(row.getString("id"));
          String function = row.getString("function_name");
          var outline = JobJson.toOutline(row.getString("outline"));
          return new Compared(id, text.isIn(id, function, outline));
        },
        compared);
    Set<JobId> hits =
        compared.stream().filter(Compared::isHit).map(Compared::id).collect(Collectors.toSet());
    return jobs.stream().filter(hits::contains).toList();
  }

  @Override
  public List<JobSummary> summaries(Collection<JobId> jobs) {
    var found = new ArrayList<JobSummary>();
    forSlices(
        "SELECT " + JobRows.SUMMARY + " FROM job WHERE id IN (",
        List.copyOf(jobs),
        (row, number) -> JobRows.summary(row),
        found);
    found.sort((one, other) -> other.id().compareTo(one.id()));
    return found;
  }

  private <T> void forSlices(
      String select, List<JobId> jobs, RowMapper<T> mapper, Collection<? super T> all) {
    for (int from = 0; from < jobs.size(); from += SLICE) {
      List<JobId> slice = jobs.subList(from, Math.min(from + SLICE, jobs.size()));
      var sql = new SqlText().add(select);
      sql.add(
          String.join(", ", Collections.nCopies(slice.size(), "?")) + ")",
          slice.stream().map(JobId::toString).toArray());
      all.addAll(read(sql, mapper));
    }
  }

  @Override
  public Counted count(JobFilter filter, int most) {
    var sql = new SqlText();
    // A group for each ended state, and one for each unfinished job.
    String open = "CASE WHEN state IN " + OPEN_STATES + " THEN id END";
    sql.add("SELECT state, " + open + " AS open_id, COUNT(*) AS seen, SUM(CASE WHEN ");
    conditions(sql, filter);
    sql.add(" THEN 1 ELSE 0 END) AS matching FROM (");
    boolean isChosen = newest(sql, filter, most + 1);
    sql.add(") AS newest GROUP BY state, " + open);
    var counts = new Counts();
    read(
        sql,
        row -> {
          while (row.next()) {
            var state = JobState.valueOf(row.getString("state"));
            String id = row.getString("open_id");
            counts.add(state, id, row.getLong("seen"), row.getLong("matching"));
          }
          return counts;
        });
    return counts.within(most, isChosen);
  }

  /**
   * Selects the jobs that are counted.
   *
   * @return whether the filter chooses them; otherwise they are the newest of each state
   */
  private static boolean newest(SqlText sql, JobFilter filter, int limit) {
    String select =
        "SELECT job.id, job.state, function_name, function_digest, submitted_at FROM job";
    if (filter.parent() != null) {
      sql.add(select + " WHERE parent_id = ?", filter.parent().toString());
    } else if (filter.label() != null) {
      sql.add(
          select.replace("FROM job", "FROM job_label CROSS JOIN job")
              + " WHERE label_key = ? AND label_value = ? AND job.id = job_id",
          filter.label().key(),
          filter.label().value());
      sql.add(" ORDER BY job_id DESC LIMIT ?", limit);
      return true;
    } else if (filter.function() != null) {
      sql.add(select + " WHERE function_name = ?", filter.function());
    } else if (filter.since() != null) {
      sql.add(select + " WHERE submitted_at >= ?", JobRows.micros(filter.since()));
      sql.add(" ORDER BY submitted_at DESC LIMIT ?", limit);
      return true;
    } else {
      String union = "SELECT * FROM (";
      for (JobState state : JobState.values()) {
        sql.add(union + "SELECT id, state FROM job WHERE state = ?", state.name());
        sql.add(" ORDER BY id DESC LIMIT ?", limit);
        sql.add(") AS " + state);
        union = " UNION ALL SELECT * FROM (";
      }
      return false;
    }
    sql.add(" ORDER BY job.id DESC LIMIT ?", limit);
    return true;
  }

  /** Adds up the groups of a count. Used by one thread. */
  private static final class Counts {
    private final Map<JobState, Long> ended = new EnumMap<>(JobState.class);
    private final Map<JobState, Long> seen = new EnumMap<>(JobState.class);
    private final List<Found> open = new ArrayList<>();

    void add(JobState state, @Nullable String openId, long read, long matching) {
      seen.merge(state, read, Long::sum);
      if (openId == null) {
        ended.put(state, matching);
      } else if (matching > 0) {
        open.add(new Found(JobRows.jobId(openId), state));
      }
    }

    Counted within(int most, boolean isChosen) {
      var capped = EnumSet.noneOf(JobState.class);
      if (!isChosen) {
        seen.forEach((state, read) -> {
          if (read > most) {
            capped.add(state);
          }
        });
      } else if (seen.values().stream().mapToLong(Long::longValue).sum() > most) {
        capped.addAll(EnumSet.allOf(JobState.class));
      }
      return new Counted(ended, open, capped);
    }
  }

  private <T> List<T> read(SqlText sql, RowMapper<T> mapper) {
    return database.read(jdbc -> jdbc.query(sql.text(), mapper, sql.values()));
  }

  private <T> T read(SqlText sql, ResultSetExtractor<T> reader) {
    return database.read(jdbc -> jdbc.query(sql.text(), reader, sql.values()));
  }
}
