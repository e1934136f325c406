package dev.manyhands.http.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.http.ParentIndexes;
import dev.manyhands.model.ItemError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a job's items as clients see it.
 *
 * @param next the cursor of the next page; null when all items of the job were looked at
 */
record ItemPage(List<Listed> items, @Nullable String next) {

  /**
   * One item in short.
   *
   * @param parentIndex of the item of the parent that an item of a retry tries again; null
   *     elsewhere
   * @param input null where the request did not ask for inputs
   * @param value the value as JSON if it is small; null otherwise
   * @param valueBytes the size of the value; null if the item has none, or the job reduces its
   *     results
   * @param seconds as in {@link ItemView}
   * @param worker as in {@link ItemView}
   */
  record Listed(
      long index,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long parentIndex,
      ItemView.State state,
      @JsonInclude(JsonInclude.Include.NON_NULL) @JsonRawValue @Nullable String input,
      @JsonRawValue @Nullable String value,
      @Nullable Long valueBytes,
      @Nullable ItemError error,
      int attempts,
      boolean cached,
      @Nullable Double seconds,
      @Nullable Long worker) {

    /** Returns the item with its index in the parent; unchanged if the job is no retry. */
    Listed in(ParentIndexes parents) {
      Long parent = parents.of(index);
      return parent == null ? this : with(parent, input);
    }

    Listed withInput(String json) {
      return with(parentIndex, json);
    }

    private Listed with(@Nullable Long parent, @Nullable String newInput) {
      return new Listed(
          index,
          parent,
          state,
          newInput,
          value,
          valueBytes,
          error,
          attempts,
          cached,
          seconds,
          worker);
    }
  }
}
