package dev.manyhands.store.writer;

import dev.manyhands.model.JobId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of the writer, with the statements of its writes. Owned by the writer's thread.
 *
 * <p>Statements are kept for as long as their connection, since preparing a statement costs as much
 * as running it.
 */
public final class Transaction {

  /** Maps the current row of the result set to a value. */
  @FunctionalInterface
  public interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Reads the current row of the result set. */
  @FunctionalInterface
  public interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  /** How many rows PostgreSQL sends at a time, where a query could yield millions. */
  private static final int FETCH_SIZE = 1_000;

  private final Connection connection;
  private final Map<String, PreparedStatement> statements;

  /**
   * The versions of unfinished jobs whose rows this transaction has locked; 0 for a job that has
   * ended or is gone. Many reports of one job in a group thus cost one query. A write that changes
   * a job's state or version must remove its entry.
   */
  private final Map<JobId, Long> openVersions = new HashMap<>();

  Transaction(Connection connection, Map<String, PreparedStatement> statements) {
    this.connection = connection;
    this.statements = statements;
  }

  public Map<JobId, Long> openVersions() {
    return openVersions;
  }

  /** Runs an INSERT, UPDATE or DELETE; returns how many rows it touched. */
  public int update(String sql, @Nullable Object... parameters) throws SQLException {
    return prepared(sql, parameters).executeUpdate();
  }

  /** Returns the rows of a query that yields few. */
  public <T> List<T> query(String sql, Row<T> row, @Nullable Object... parameters)
      throws SQLException {
    var found = new ArrayList<T>();
    forEach(sql, rows -> found.add(row.read(rows)), parameters);
    return found;
  }

  /** Reads the rows of a query that may yield many, without holding them. */
  public void forEach(String sql, RowReader reader, @Nullable Object... parameters)
      throws SQLException {
    try (var rows = prepared(sql, parameters).executeQuery()) {
      while (rows.next()) {
        reader.read(rows);
      }
    }
  }

  private PreparedStatement prepared(String sql, @Nullable Object... parameters)
      throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statement.setFetchSize(FETCH_SIZE);
      statements.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      bind(statement, i + 1, parameters[i]);
    }
    return statement;
  }

  private static void bind(PreparedStatement statement, int position, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(position, Types.NULL);
      case String text -> statement.setString(position, text);
      case Long number -> statement.setLong(position, number);
      case Double number -> statement.setDouble(position, number);
      case byte[] bytes -> statement.setBytes(position, bytes);
      default -> throw new IllegalArgumentException("no column holds a " + value.getClass());
    }
  }
}
