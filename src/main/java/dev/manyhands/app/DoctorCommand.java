package dev.manyhands.app;

import dev.manyhands.engine.worker.process.PythonProbe;
import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.Sandbox;
import dev.manyhands.http.access.BindRule;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.support.BadSettingException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;

/**
 * {@code java -jar manyhands.jar doctor}: checks everything that a service with these settings
 * would need, and ends. Starts no service. Leaves nothing behind except the lock file in a data
 * directory that already existed.
 */
public final class DoctorCommand {
  private static final String NAME = "doctor";

  private final ManyhandsProperties settings;
  private final ServerProperties server;
  private final Environment environment;
  private final List<Finding> findings = new ArrayList<>();

  private DoctorCommand(
      ManyhandsProperties settings, ServerProperties server, Environment environment) {
    this.settings = settings;
    this.server = server;
    this.environment = environment;
  }

  /**
   * An empty class: only the environment is wanted. No component, so that the service does not find
   * it.
   */
  static final class Settings {}

  /** Whether the arguments ask for this command. */
  public static boolean isAskedFor(String[] arguments) {
    return arguments.length > 0 && arguments[0].equals(NAME);
  }

  /**
   * Prints the findings.
   *
   * @return the exit status: 1 if something necessary is wrong
   */
  public static int run(String[] arguments, PrintStream out) {
    var application = new SpringApplication(Settings.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setLogStartupInfo(false);
    // The framework reports a bad setting as it does at a start. This command prints everything
    // else.
    application.setDefaultProperties(Map.of("logging.level.root", "error"));
    DoctorCommand command;
    try (var context = application.run(arguments)) {
      Environment environment = context.getEnvironment();
      var read = new ReadSettings(environment);
      command =
          new DoctorCommand(
              read.read("manyhands", ManyhandsProperties.class),
              read.read("server", ServerProperties.class),
              environment);
      command.findings.addAll(read.faults());
    } catch (RuntimeException badSetting) {
      return 1; // a setting of the framework, which has reported the error
    }
    command.examine();
    return command.print(out);
  }

  private void examine() {
    var doctor =
        new Doctor(
            settings,
            PythonProbe.unconfined(
                settings.python().interpreter(), settings.workers().environment()));
    findings.addAll(doctor.general(EngineConfiguration.slots(settings)));
    examineSettings();
    examineData(doctor);
    access(doctor);
  }

  /** Makes the settings that refuse bad values and that nothing else here makes. */
  private void examineSettings() {
    List<Consumer<ManyhandsProperties>> makers =
        List.of(
            ServiceConfiguration::callbackSettings,
            ServiceConfiguration::streamSettings,
            TelemetryConfiguration::traceSettings);
    for (var maker : makers) {
      try {
        maker.accept(settings);
      } catch (BadSettingException fault) {
        findings.add(
            Finding.wrong("setting", String.valueOf(fault.getMessage()), ReadSettings.MEND));
      }
    }
  }

  private void examineData(Doctor doctor) {
    Path directory = settings.dataDir().toAbsolutePath();
    List<Path> missing = missing(directory);
    DataDirectory data;
    try {
      data = DataDirectory.claim(directory);
    } catch (CannotStartException fault) {
      findings.add(Finding.wrong("data", String.valueOf(fault.getMessage()), fault.mend()));
      if (fault instanceof DataDirectory.InUseException) {
        examineData(doctor, directory, true);
      }
      return;
    }
    try (data) {
      examineData(doctor, directory, false);
      if (!missing.isEmpty()) {
        // Deleted while this process holds the lock: a service that starts meanwhile must not lose
        // its lock.
        Files.deleteIfExists(directory.resolve(DataDirectory.LOCK));
      }
      for (Path made : missing) {
        Files.deleteIfExists(made);
      }
    } catch (IOException inUse) {
      // Another process has put something into the directory meanwhile. It may stay.
    }
  }

  /**
   * @param isUsed whether a service uses the directory, and with it any database inside
   */
  private void examineData(Doctor doctor, Path directory, boolean isUsed) {
    try {
      examineStore(doctor, ServiceConfiguration.storeSettings(settings, directory), isUsed);
    } catch (BadSettingException fault) {
      findings.add(Finding.wrong("store", String.valueOf(fault.getMessage()), ReadSettings.MEND));
    }
    findings.add(sandbox(doctor, directory));
  }

  private void examineStore(Doctor doctor, StoreSettings store, boolean isUsed) {
    Finding found = doctor.store(store, true);
    findings.add(found);
    boolean isKnown = isUsed && store.isEmbedded();
    if (found.verdict() != Finding.Verdict.WRONG && !isKnown) {
      doctor.writer(store).ifPresent(findings::add);
    }
  }

  /** Returns the directories that have to be made, from the given one upwards. */
  private static List<Path> missing(Path directory) {
    var missing = new ArrayList<Path>();
    for (Path path = directory; path != null && !Files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private Finding sandbox(Doctor doctor, Path directory) {
    try {
      var limits = EngineConfiguration.workerLimits(settings);
      return doctor.sandbox(
          Isolation.inForce(
              settings.workers().sandbox(), limits, directory, settings.workers().user()));
    } catch (Sandbox.UnavailableException fault) {
      return doctor.noSandbox(fault);
    }
  }

  private void access(Doctor doctor) {
    try {
      SecurityConfiguration.checkAddresses(
          server, environment, SecurityConfiguration.accessTokens(settings.security()));
    } catch (BindRule.OpenToStrangersException e) {
      findings.add(Finding.wrong("address", String.valueOf(e.getMessage()), StartFailures.MEND));
      return;
    } catch (IllegalArgumentException e) {
      findings.add(
          Finding.wrong(
              "address",
              "the tokens cannot be used: " + e.getMessage(),
              "mend manyhands.security.tokens and manyhands.security.metrics-tokens"));
      return;
    }
    int port = server.getPort() == null ? 8080 : server.getPort();
    String fault = bindFault(server.getAddress(), port);
    findings.add(
        fault == null
            ? doctor.access(server.getAddress(), port)
            : Finding.wrong(
                "address",
                TakenPortFailures.text(server.getAddress(), port, fault),
                TakenPortFailures.MEND));
  }

  private static @Nullable String bindFault(@Nullable InetAddress address, int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(
          address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port));
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private int print(PrintStream out) {
    int wrong = 0;
    for (Finding finding : findings) {
      String mark =
          switch (finding.verdict()) {
            case FINE -> "ok     ";
            case NOTE -> "note   ";
            case WRONG -> "WRONG  ";
          };
      out.println(mark + finding.line());
      wrong += finding.verdict() == Finding.Verdict.WRONG ? 1 : 0;
    }
    out.println(
        wrong == 0
            ? "A service with these settings would start here."
            : "A service with these settings would not start here, or not run as they say: "
                + wrong
                + " of these must be mended.");
    return wrong == 0 ? 0 : 1;
  }
}
