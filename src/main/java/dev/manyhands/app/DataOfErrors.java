package dev.manyhands.app;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** Leaves {@code data} out of the JSON of errors that have none, which are nearly all. */
interface DataOfErrors {
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Nullable String data();
}
