package dev.manyhands.config;

import dev.manyhands.security.BearerTokens;
import dev.manyhands.security.BindRule;
import dev.manyhands.store.StoreSettings;
import dev.manyhands.support.BadSettingException;
import dev.manyhands.worker.Isolation;
import dev.manyhands.worker.Sandbox;
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
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;

/**
 * {@code java -jar manyhands.jar doctor}: looks at all that a service with the same settings would
 * need, and ends. Starts nothing, and leaves nothing behind but the lock file in a data directory
 * that was there.
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

  /** Nothing: all that is wanted is the environment. No component: the service must not find it. */
  static final class Settings {}

  /** Whether that is what the arguments say. */
  public static boolean isAskedFor(String[] arguments) {
    return arguments.length > 0 && arguments[0].equals(NAME);
  }

  /**
   * Prints what it finds.
   *
   * @return the exit status: 1 if something that is needed is wrong
   */
  public static int run(String[] arguments, PrintStream out) {
    var application = new SpringApplication(Settings.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setLogStartupInfo(false);
    // What is wrong with a setting is said as it is at a start; all else we say ourselves.
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
      return 1; // one of the framework's own, which it has told of
    }
    command.examine();
    return command.print(out);
  }

  private void examine() {
    var doctor = new Doctor(settings);
    findings.addAll(doctor.general(ServiceConfiguration.slots(settings)));
    examineData(doctor);
    access(doctor);
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
        // While it is ours: a service that starts meanwhile must not lose its lock.
        Files.deleteIfExists(directory.resolve(DataDirectory.LOCK));
      }
      for (Path made : missing) {
        Files.deleteIfExists(made);
      }
    } catch (IOException inUse) {
      // Somebody has put something there meanwhile, and may keep it.
    }
  }

  /**
   * @param isUsed whether a service has the directory, and with it a database that is in it
   */
  private void examineData(Doctor doctor, Path directory, boolean isUsed) {
    try {
      examineStore(doctor, ServiceConfiguration.storeSettings(settings, directory), isUsed);
    } catch (BadSettingException fault) {
      findings.add(Finding.wrong("store", String.valueOf(fault.getMessage()), "Mend the setting."));
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

  /** What has to be made for this directory to be there, from itself upwards. */
  private static List<Path> missing(Path directory) {
    var missing = new ArrayList<Path>();
    for (Path path = directory; path != null && !Files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private Finding sandbox(Doctor doctor, Path directory) {
    try {
      var limits = ServiceConfiguration.workerLimits(settings);
      return doctor.sandbox(
          Isolation.inForce(
              settings.workers().sandbox(), limits, directory, settings.workers().user()));
    } catch (Sandbox.UnavailableException fault) {
      return doctor.noSandbox(fault);
    }
  }

  private void access(Doctor doctor) {
    BearerTokens tokens;
    try {
      tokens = new BearerTokens(settings.security().tokens());
      SecurityConfiguration.checkAddresses(server, environment, tokens);
    } catch (BindRule.OpenToStrangersException e) {
      findings.add(Finding.wrong("address", String.valueOf(e.getMessage()), StartFailures.MEND));
      return;
    } catch (IllegalArgumentException e) {
      findings.add(
          Finding.wrong(
              "address",
              "the tokens cannot be used: " + e.getMessage(),
              "mend manyhands.security.tokens (MANYHANDS_SECURITY_TOKENS)"));
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
