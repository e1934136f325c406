package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.store.StoreException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service starts on the data of another version. */
class MigrationTest {
  @ParameterizedTest
  @EnumSource
  void theDataOfALaterVersionIsLeftAlone(DatabaseKind kind) throws Exception {
    try (var database = TestDatabase.fresh(kind)) {
      database.open(new TestClock()).close();
      try (var connection = DataSources.of(database.settings()).writer().getConnection();
          var statement = connection.createStatement()) {
        statement.executeUpdate(
            "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                + " installed_by, execution_time, success) VALUES (1000, '1000', 'later', 'SQL',"
                + " 'V1000__later.sql', 'test', 1, true)");
      }
      assertThatThrownBy(() -> database.open(new TestClock()).close())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("1000");
    }
  }
}
