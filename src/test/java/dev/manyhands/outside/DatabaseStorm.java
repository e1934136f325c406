package dev.manyhands.outside;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random harm to the database of a service, equal for equal seeds as far as time allows. One thread
 * runs the storm. The database is there and open when that thread has ended.
 */
final class DatabaseStorm implements Runnable {
  private static final int CANCELLED_IN_A_ROW = 20;

  /** The kinds of harm. */
  enum Deed {
    CONNECTIONS_ENDED,
    STATEMENTS_CANCELLED,
    STOPPED,
    STOPPED_AT_ONCE,
    OUTCOMES_LOCKED
  }

  private final RestartedPostgres server;
  private final CutDatabase database;
  private final List<Deed> kinds;
  private final RandomGenerator random;
  private final Pauses pauses;

  /** The number of deeds of each kind. Read when the thread has ended. */
  final Map<Deed, Integer> deeds = new TreeMap<>();

  DatabaseStorm(RestartedPostgres server, CutDatabase database, List<Deed> kinds, long seed) {
    this.server = server;
    this.database = database;
    this.kinds = kinds;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.pauses = new Pauses(random);
  }

  @Override
  public void run() {
    while (!pauses.pause(500, 3_000)) {
      Deed deed = kinds.get(random.nextInt(kinds.size()));
      perform(deed);
      deeds.merge(deed, 1, Integer::sum);
    }
  }

  void end() {
    pauses.end();
  }

  private void perform(Deed deed) {
    switch (deed) {
      case CONNECTIONS_ENDED -> database.dropConnections();
      case STATEMENTS_CANCELLED -> {
        for (int i = 0; i < CANCELLED_IN_A_ROW; i++) {
          database.cancelStatements();
          pauses.pause(1, 30);
        }
      }
      case STOPPED -> {
        server.stop();
        pauses.pause(0, 1_500);
        server.start();
      }
      case STOPPED_AT_ONCE -> {
        server.stopAtOnce();
        server.start();
      }
      case OUTCOMES_LOCKED -> database.lock("outcome", 3);
    }
  }
}
