package dev.manyhands.engine.shared;

import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.store.SharedStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A semaphore. Permits of a worker that ends are free again, so that they are not stored. */
final class HeldPermits extends Held {
  private static final String OPERATIONS = "acquire, release, length";

  private final long permits;
  private final Map<Long, Long> takenByWorker = new HashMap<>();
  private long taken;

  HeldPermits(String name, Room room, Unwritten unwritten, long permits) {
    super(name, room, unwritten);
    this.permits = permits;
  }

  @Override
  @Nullable SharedAnswer call(String operation, Arguments arguments, long worker) {
    arguments.expect(0);
    return switch (operation) {
      case "acquire" -> acquire(worker);
      case "release" -> release(worker);
      case "length" -> SharedAnswer.of(permits - taken);
      default -> throw unknown(operation, OPERATIONS);
    };
  }

  private @Nullable SharedAnswer acquire(long worker) {
    if (worker < 0) {
      throw SharedFault.type("only an item can take a permit, because it ends and gives it back");
    }
    if (taken == permits) {
      return null;
    }
    taken++;
    takenByWorker.merge(worker, 1L, Long::sum);
    return SharedAnswer.of(true);
  }

  private SharedAnswer release(long worker) {
    Long own = takenByWorker.get(worker);
    if (own == null) {
      throw SharedFault.type("this worker holds no permit of '" + name + "' that it could release");
    }
    if (own == 1) {
      takenByWorker.remove(worker);
    } else {
      takenByWorker.put(worker, own - 1);
    }
    taken--;
    return SharedAnswer.DONE;
  }

  @Override
  void leave(long worker) {
    Long own = takenByWorker.remove(worker);
    taken -= own == null ? 0 : own;
  }

  @Override
  void restore(SharedStore.Entry entry) {
    // Nothing is stored.
  }

  @Override
  Long length() {
    return permits - taken;
  }

  @Override
  long bytes() {
    return 0;
  }

  @Override
  List<Entry> entries(long offset, int limit) {
    return List.of();
  }
}
