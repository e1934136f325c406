package dev.manyhands.harness;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state in which a thread runs each of its items. User code may leave an interrupt, a name, a
 * priority, a class loader or a handler on the thread. The next item must see none of them.
 *
 * <p>Thread-locals cannot be removed from outside, so each job has threads of its own. A thread for
 * each item would discard them earlier. It would cost 50 µs or more, while an item may take less
 * than one. Restoring the state costs about 15 ns.
 *
 * @param loader the context class loader as it was after loading the function
 */
@SuppressWarnings("ThreadPriorityCheck") // restores what user code has changed
record ItemThreadState(String name, @Nullable ClassLoader loader) {

  /** Returns a thread that inherits nothing from its creator. The thread is not started. */
  Thread thread(Runnable task) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setPriority(Thread.NORM_PRIORITY);
    thread.setContextClassLoader(loader);
    return thread;
  }

  /**
   * Restores the state. Called in the thread, before each item, because other threads may change it
   * late.
   */
  void restore() {
    Thread.interrupted();
    Thread thread = Thread.currentThread();
    if (!name.equals(thread.getName())) {
      thread.setName(name);
    }
    if (thread.getPriority() != Thread.NORM_PRIORITY) {
      thread.setPriority(Thread.NORM_PRIORITY);
    }
    if (!Objects.equals(thread.getContextClassLoader(), loader)) {
      thread.setContextClassLoader(loader);
    }
    thread.setUncaughtExceptionHandler(null);
  }
}
