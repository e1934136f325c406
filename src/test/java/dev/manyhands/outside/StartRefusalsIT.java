package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A service that cannot start reports the reason and the remedy in a few words. */
class StartRefusalsIT {
  private static final String STORE = "--manyhands.store.url=jdbc:sqlite:";

  private final Path directory = Service.newDirectory();

  /** Starts a service that is refused, and returns its last words. */
  private static String refusal(Path directory, String... settings) throws Exception {
    String log = Service.refusalToStart(directory, settings);
    assertThat(log)
        .contains("APPLICATION FAILED TO START")
        .doesNotContain("\tat ", " WARN ", "cancelling refresh");
    return log.substring(log.indexOf("Description:"));
  }

  @Test
  void aServiceOnTheSameDirectoryOrDatabaseNamesTheOneThatRuns() throws Exception {
    Path database = directory.resolve("shared.db");
    try (var service = Service.start(directory, STORE + database)) {
      String holder = "manyhands, pid " + service.pid() + " on ";
      assertThat(refusal(directory))
          .contains("uses the data directory " + directory.resolve("data") + ": " + holder)
          .contains("End that service", "MANYHANDS_DATA_DIR");
      Path link = Files.createSymbolicLink(Service.newDirectory().resolve("link.db"), database);
      for (Path way : new Path[] {database, link}) {
        assertThat(refusal(Service.newDirectory(), STORE + way))
            .contains("the database " + way + " is used by another service, " + holder)
            .contains("End that service", "MANYHANDS_STORE_URL");
      }
    }
    try (var next = Service.start(Service.newDirectory(), STORE + database)) {
      assertThat(next.get("/api/v1/jobs").status()).isEqualTo(200);
    }
  }

  @Test
  void aDatabaseIsHeldAlsoUnderAnotherNameAndWithoutItsLockFile() throws Exception {
    Path database = directory.resolve("shared.db");
    try (var service = Service.start(directory, STORE + database)) {
      Path link = Service.newDirectory().resolve("hard.db");
      Files.createLink(link, database);
      assertThat(refusal(Service.newDirectory(), STORE + link))
          .contains("the database " + link + " is used by another service, an unnamed process");
      Files.delete(directory.resolve("shared.db.lock"));
      assertThat(refusal(Service.newDirectory(), STORE + database))
          .contains("the database " + database + " is used by another service, an unnamed process");
      assertThat(service.get("/api/v1/jobs").status()).isEqualTo(200);
    }
  }

  @Test
  void theDatabaseOfADataDirectoryIsHeldAgainstServicesElsewhere() throws Exception {
    try (var service = Service.start(directory)) {
      assertThat(refusal(Service.newDirectory(), STORE + directory + "/data/manyhands.db?x=1"))
          .contains("is used by another service, manyhands, pid " + service.pid());
    }
  }

  @Test
  void aFaultOfADirectoryADatabaseOrASettingIsToldWithWhatToDo() throws Exception {
    assertThat(refusal(directory, "--manyhands.data-dir=/proc/nothing"))
        .contains("the data directory /proc/nothing cannot be written to", "MANYHANDS_DATA_DIR");
    assertThat(refusal(directory, STORE + directory + "/none/x.db"))
        .contains("the database " + directory + "/none/x.db cannot be used", "MANYHANDS_STORE_URL");
    assertThat(refusal(directory, "--manyhands.store.url=jdbc:mysql://127.0.0.1/x"))
        .contains("manyhands.store.url must begin with jdbc:sqlite:", "Mend the setting");
    assertThat(refusal(directory, "--manyhands.security.tokens=short"))
        .contains("manyhands.security.tokens has fewer than 16", "Mend the setting");
    assertThat(refusal(directory, "--manyhands.workers.slots=many"))
        .contains("manyhands.workers.slots", "many");
  }
}
