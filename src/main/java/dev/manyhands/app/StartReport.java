package dev.manyhands.app;

import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.store.sql.StoreSettings;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;

/** Logs what runs here, after the start. Slow checks therefore delay nobody. */
final class StartReport implements ApplicationListener<ApplicationReadyEvent> {
  private static final Logger log = LoggerFactory.getLogger(StartReport.class);

  private final Doctor doctor;
  private final WorkerSettings workers;
  private final StoreSettings store;
  private final ServerProperties server;

  StartReport(Doctor doctor, WorkerSettings workers, StoreSettings store, ServerProperties server) {
    this.doctor = doctor;
    this.workers = workers;
    this.store = store;
    this.server = server;
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    var web = ((WebServerApplicationContext) event.getApplicationContext()).getWebServer();
    int port = web == null ? -1 : web.getPort();
    Thread.ofVirtual().name("start-report").start(() -> tell(port));
  }

  private void tell(int port) {
    var findings = new ArrayList<Finding>(doctor.general(workers.pool().slots()));
    findings.add(doctor.store(store, false));
    findings.add(doctor.sandbox(workers.isolation()));
    findings.add(doctor.access(server.getAddress(), port));
    tell(findings);
  }

  private static void tell(List<Finding> findings) {
    log.info("this is what runs here; 'java -jar manyhands.jar doctor' tells it before a start");
    for (Finding finding : findings) {
      if (finding.verdict() == Finding.Verdict.FINE) {
        log.info("{}", finding.line());
      } else {
        log.warn("{}", finding.line());
      }
    }
  }
}
