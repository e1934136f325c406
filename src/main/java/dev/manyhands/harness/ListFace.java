package dev.manyhands.harness;

import dev.manyhands.sdk.SharedList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list as user code has it. */
record ListFace(Remote remote) implements SharedList {

  @Override
  public int append(@Nullable Object value) {
    return remote.number("append", value).intValue();
  }

  @Override
  public int extend(Collection<? extends @Nullable Object> values) {
    @Nullable Object[] arguments = values.toArray();
    return arguments.length == 0 ? length() : remote.number("extend", arguments).intValue();
  }

  @Override
  public @Nullable Object get(int index) {
    return found(Integer.toString(index), remote.call("get", index));
  }

  @Override
  public void set(int index, @Nullable Object value) {
    found(Integer.toString(index), remote.call("set", index, value));
  }

  @Override
  public List<@Nullable Object> slice(int from, int to) {
    if (from < 0 || from > to) {
      throw new IllegalArgumentException(
          "a slice from " + from + " to " + to + "; it begins at 0 or later, and ends behind");
    }
    List<@Nullable Object> copy = new ArrayList<>();
    if (remote.value("slice", from, to) instanceof List<?> elements) {
      copy.addAll(elements);
    }
    return copy;
  }

  @Override
  public @Nullable Object pop() {
    return found("in an empty list", remote.call("pop"));
  }

  @Override
  public @Nullable Object pop(int index) {
    return found(Integer.toString(index), remote.call("pop", index));
  }

  @Override
  public int length() {
    return remote.number("length").intValue();
  }

  @Override
  public void clear() {
    remote.call("clear");
  }

  private @Nullable Object found(String index, Frame answer) {
    if (answer.truth("missing")) {
      throw remote.noElement(index);
    }
    return remote.value(answer);
  }
}
