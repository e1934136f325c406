package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that the lines of docs/how-to/postgresql.md make. */
class PostgresPageIT {
  @TempDir private Path directory;

  @AfterEach
  void drop() {
    SharedPostgres.execute("DROP DATABASE IF EXISTS manyhands WITH (FORCE)");
    SharedPostgres.execute("DROP ROLE IF EXISTS manyhands");
  }

  @Test
  void theRoleAndTheDatabaseOfThePageServeAService() throws Exception {
    Requirements.python();
    Requirements.postgresTools();
    paste(Pasted.scripts("docs/how-to/postgresql.md").get("setup"));
    try (var service = start()) {
      var job = service.run(python("def f(x): return x * x", "[1, 2, 3]"));
      assertThat(job.get("result").toString()).isEqualTo("[1,4,9]");
    }
  }

  private static Service start() {
    return Service.start(
        Service.newDirectory(),
        "--manyhands.store.url=jdbc:postgresql://localhost:" + SharedPostgres.port() + "/manyhands",
        "--manyhands.store.username=manyhands",
        "--manyhands.store.password=secret");
  }

  /** Runs lines of a page on the server of the tests, without the user of the system. */
  private void paste(String lines) throws IOException, InterruptedException {
    Path script = directory.resolve("pasted.sh");
    Path passwords = Files.writeString(directory.resolve("passwords"), "secret\nsecret\n");
    Path out = directory.resolve("out");
    Files.writeString(script, "set -eu\nsudo() { shift 2; \"$@\"; }\n" + lines);
    // Without a terminal, createuser reads the password from its input.
    var shell =
        new ProcessBuilder("setsid", "-w", "bash", script.toString())
            .directory(directory.toFile())
            .redirectInput(passwords.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    shell.environment().put("PGHOST", "localhost");
    shell.environment().put("PGPORT", Integer.toString(SharedPostgres.port()));
    shell.environment().put("PGUSER", "postgres");
    shell.environment().put("PGPASSWORD", "postgres");
    int end = shell.start().waitFor();
    assertThat(end).as(Files.readString(out, StandardCharsets.UTF_8)).isZero();
  }
}
