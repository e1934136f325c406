package dev.manyhands.outside;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Does random harm to a running service, equal for equal seeds as far as time allows. It kills and
 * stops workers, kills the service, and cuts the service off from its database. One thread runs it.
 * When this thread has ended, all is repaired except for killed processes.
 */
final class Adversary implements Runnable {
  private final LastingService service;
  private final RandomGenerator random;
  private final @Nullable CutDatabase database;
  private final @Nullable SmallDisk disk;
  private final Pauses pauses;

  /** Its deeds, and how often it did each. Read when its thread has ended. */
  final Map<String, Integer> deeds = new TreeMap<>();

  Adversary(
      LastingService service, long seed, @Nullable CutDatabase database, @Nullable SmallDisk disk) {
    this.service = service;
    this.database = database;
    this.disk = disk;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.pauses = new Pauses(random);
  }

  @Override
  public void run() {
    while (!pauses.pause(200, 1_200)) {
      int dice = random.nextInt(100);
      if (dice < 45) {
        killWorker();
      } else if (dice < 75) {
        stopWorker();
      } else if (dice < 82) {
        killService();
      } else if (database != null) {
        cutDatabase(database);
      } else if (disk != null) {
        fillDisk(disk);
      }
    }
  }

  void end() {
    pauses.end();
  }

  private void note(String deed) {
    deeds.merge(deed, 1, Integer::sum);
  }

  private @Nullable Long someWorker() {
    var pids = new ArrayList<Long>();
    var answer = service.ask(service -> service.get("/api/v1/workers"));
    for (JsonNode worker : answer.json().get("workers")) {
      if (worker.get("pid").longValue() > 0) {
        pids.add(worker.get("pid").longValue());
      }
    }
    return pids.isEmpty() ? null : pids.get(random.nextInt(pids.size()));
  }

  private void killWorker() {
    Long pid = someWorker();
    if (pid != null && LastingService.signal("KILL", pid)) {
      note("workers killed");
    }
  }

  /** Some go on, in time or too late; others are killed in the end. */
  private void stopWorker() {
    Long pid = someWorker();
    if (pid == null || !LastingService.signal("STOP", pid)) {
      return;
    }
    note("workers stopped");
    boolean goesOn = random.nextInt(3) != 0;
    pauses.pause(50, goesOn ? 1_500 : 3_000);
    if (LastingService.signal(goesOn ? "CONT" : "KILL", pid)) {
      note(goesOn ? "of these continued" : "of these killed");
    }
  }

  private void killService() {
    try {
      service.killAndRestart();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    note("service killed and restarted");
  }

  private void fillDisk(SmallDisk disk) {
    disk.fill();
    note("disk full");
    pauses.pause(300, 3_000);
    disk.makeRoom();
  }

  private void cutDatabase(CutDatabase database) {
    switch (random.nextInt(3)) {
      case 0 -> {
        database.dropConnections();
        note("database connections dropped");
      }
      case 1 -> {
        database.close();
        pauses.pause(500, 3_000);
        database.open();
        note("database away");
      }
      default -> {
        database.crash();
        note("database crashed");
      }
    }
  }
}
