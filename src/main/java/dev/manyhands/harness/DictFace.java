package dev.manyhands.harness;

import dev.manyhands.sdk.SharedDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dict as user code has it. */
record DictFace(Remote remote) implements SharedDict {

  @Override
  public @Nullable Object get(Object key) {
    return remote.value("get", remote.key(key));
  }

  @Override
  public boolean contains(Object key) {
    return Boolean.TRUE.equals(remote.value("contains", remote.key(key)));
  }

  @Override
  public void set(Object key, @Nullable Object value) {
    remote.call("set", remote.key(key), value);
  }

  @Override
  public @Nullable Object setDefault(Object key, @Nullable Object value) {
    return remote.value("setdefault", remote.key(key), value);
  }

  @Override
  public @Nullable Object pop(Object key) {
    return remote.value("pop", remote.key(key));
  }

  @Override
  public Number add(Object key, Number n) {
    return remote.number("add", remote.key(key), n);
  }

  @Override
  public boolean compareAndSet(Object key, @Nullable Object old, @Nullable Object value) {
    return Boolean.TRUE.equals(remote.value("compareAndSet", remote.key(key), old, value));
  }

  @Override
  public void update(Map<?, ? extends @Nullable Object> entries) {
    List<@Nullable Object> arguments = new ArrayList<>();
    for (Map.Entry<?, ? extends @Nullable Object> entry : entries.entrySet()) {
      arguments.add(remote.key(entry.getKey()));
      arguments.add(entry.getValue());
    }
    if (!arguments.isEmpty()) {
      remote.call("update", arguments.toArray());
    }
  }

  @Override
  public List<Object> keys() {
    List<Object> keys = new ArrayList<>();
    if (remote.value("keys") instanceof List<?> all) {
      keys.addAll(all);
    }
    return keys;
  }

  @Override
  public Map<Object, @Nullable Object> items() {
    Map<Object, @Nullable Object> items = new LinkedHashMap<>();
    if (remote.value("items") instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (pair instanceof List<?> entry) {
          items.put(entry.get(0), entry.get(1));
        }
      }
    }
    return items;
  }

  @Override
  public int length() {
    return remote.number("length").intValue();
  }

  @Override
  public void clear() {
    remote.call("clear");
  }
}
