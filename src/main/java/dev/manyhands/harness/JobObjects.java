package dev.manyhands.harness;

import dev.manyhands.sdk.SharedDict;
import dev.manyhands.sdk.SharedList;
import dev.manyhands.sdk.SharedLock;
import dev.manyhands.sdk.SharedQueue;
import dev.manyhands.sdk.SharedSemaphore;
import dev.manyhands.sdk.SharedValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shared objects of a job, by name. Made once in a process, because two locks for one word
 * would not exclude each other. Safe for use by any thread.
 */
final class JobObjects {
  private final Calls calls;
  private final NonFinite nonFinite;
  private final int maxFrameBytes;
  private final Map<?, ?> declared;
  private final Map<String, WordLock> locks = new HashMap<>();
  private final Map<String, WordValue> values = new HashMap<>();

  /** For a fast look at the end of each item. */
  private final List<WordLock> allLocks;

  /**
   * @param described the member {@code shared} of the job's frame
   * @param path the page of the job's values and locks; null if the process got none
   */
  JobObjects(
      Map<?, ?> described,
      Calls calls,
      NonFinite nonFinite,
      int maxFrameBytes,
      @Nullable String path)
      throws IOException {
    this.calls = calls;
    this.nonFinite = nonFinite;
    this.maxFrameBytes = maxFrameBytes;
    this.declared = (Map<?, ?>) need(described, "objects");
    long worker = ((Number) need(described, "worker")).longValue();
    WordPage page = null;
    for (Map.Entry<?, ?> object : declared.entrySet()) {
      if (object.getValue() instanceof Map<?, ?> members && members.containsKey("word")) {
        page = page == null ? WordPage.map(path) : page;
        String name = (String) object.getKey();
        int word = ((Number) need(members, "word")).intValue();
        WordLock lock = new WordLock(name, page, word, worker, new LockWait(name, calls));
        locks.put(name, lock);
        if (members.get("type") instanceof String type) {
          values.put(name, new WordValue(name, page, word, type, lock));
        }
      }
    }
    allLocks = new ArrayList<>(locks.values());
  }

  private static Object need(Map<?, ?> members, String member) {
    Object value = members.get(member);
    if (value == null) {
      throw new IllegalStateException("shared objects from the service lack '" + member + "'");
    }
    return value;
  }

  SharedDict dict(String name, ItemContext context) {
    return new DictFace(remote(name, "dict", context));
  }

  SharedList list(String name, ItemContext context) {
    return new ListFace(remote(name, "list", context));
  }

  SharedQueue queue(String name, ItemContext context) {
    return new QueueFace(remote(name, "queue", context));
  }

  SharedSemaphore semaphore(String name, ItemContext context) {
    return new SemaphoreFace(remote(name, "semaphore", context));
  }

  SharedValue value(String name, ItemContext context) {
    expect(name, "value");
    return new ValueFace(known(values, name), context);
  }

  SharedLock lock(String name, ItemContext context) {
    expect(name, "lock");
    return new LockFace(known(locks, name), context);
  }

  /** Releases the locks that this thread has left held. */
  void abandonLocks() {
    for (int i = 0; i < allLocks.size(); i++) {
      allLocks.get(i).abandon();
    }
  }

  private Remote remote(String name, String kind, ItemContext context) {
    expect(name, kind);
    return new Remote(name, calls, context, nonFinite, maxFrameBytes);
  }

  private void expect(String name, String kind) {
    if (!(declared.get(name) instanceof Map<?, ?> object)) {
      throw new IllegalArgumentException(
          "the job declares no shared object '" + name + "'; it declares " + declared.keySet());
    }
    Object found = object.get("kind");
    if (!kind.equals(found)) {
      throw new IllegalArgumentException(
          "the shared object '" + name + "' is not a " + kind + "; it is a " + found);
    }
  }

  private static <T> T known(Map<String, T> byName, String name) {
    T found = byName.get(name);
    if (found == null) {
      throw new IllegalStateException("the shared object '" + name + "' has no word");
    }
    return found;
  }
}
