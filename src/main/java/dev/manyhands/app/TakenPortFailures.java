package dev.manyhands.app;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Reports to an operator that the port is taken, and whether another Manyhands service has it. */
@Order(Ordered.HIGHEST_PRECEDENCE) // the framework's own report comes second
public final class TakenPortFailures extends AbstractFailureAnalyzer<PortInUseException> {
  static final String MEND = "End what listens there, or set SERVER_PORT and SERVER_ADDRESS.";

  private final Environment environment;

  TakenPortFailures(Environment environment) {
    this.environment = environment;
  }

  /**
   * Describes why a port cannot be opened.
   *
   * @param address null for all addresses
   */
  static String text(@Nullable InetAddress address, int port, String fault) {
    String ours = TakenPort.isManyhands(address, port) ? "; a Manyhands service listens there" : "";
    return "nothing can listen on port " + port + ": " + fault + ours;
  }

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
    var address = environment.getProperty("server.address", InetAddress.class);
    return new FailureAnalysis(text(address, cause.getPort(), "it is in use"), MEND, cause);
  }
}
