package dev.manyhands.harness;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state in which a thread runs each of its items. User code may leave an interrupt, a name, a
 * priority, a class loader or a handler on the thread; none of them is for the next item.
 *
 * <p>Thread-locals cannot be removed from outside, so each job has threads of its own. A thread for
 * each item would forget them earlier, and cost 50 µs or more where items take less than one.
 * Restoring costs some 15 ns.
 *
 * @param loader the context class loader that was left by loading the function
 */
@SuppressWarnings("ThreadPriorityCheck") // puts back what user code has changed
record ItemThreadState(String name, @Nullable ClassLoader loader) {

  /** A thread that inherits nothing from the one that creates it; not started. */
  Thread thread(Runnable task) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setPriority(Thread.NORM_PRIORITY);
    thread.setContextClassLoader(loader);
    return thread;
  }

  /** Called in the thread, before each item: the last one may have been changed late by others. */
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
