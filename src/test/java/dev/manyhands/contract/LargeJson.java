package dev.manyhands.contract;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads answers of the service. Values of users may be deeper, and their numbers longer, than a
 * parser allows by default.
 */
public final class LargeJson {
  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(10_100)
                          .maxNumberLength(1 << 24)
                          .maxNameLength(1 << 24)
                          .build())
                  .build())
          .build();

  private LargeJson() {}
}
