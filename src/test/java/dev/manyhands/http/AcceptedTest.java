package dev.manyhands.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.MediaType;

class AcceptedTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                                                    | false",
        "*/*                                                                 | false",
        "application/json                                                    | false",
        "application/x-ndjson                                                | true",
        "application/x-ndjson, */*                                           | true",
        "application/x-ndjson, */*;q=0.8                                     | true",
        "*/*, application/x-ndjson                                           | true",
        "application/*                                                       | false",
        "application/json, application/x-ndjson, application/problem+json    | false",
        "application/x-ndjson, application/json                              | true",
        "application/json;q=0.5, application/x-ndjson                        | true",
        "application/x-ndjson;q=0.5, application/json                        | false",
        "application/x-ndjson;q=0.5                                          | true",
        "application/x-ndjson;q=0                                            | false",
        "application/json;q=0, */*                                           | true",
        "application/json;q=0.2, application/x-ndjson;q=0.5, */*;q=0.9       | true",
        "application/x-ndjson;q=0.2, */*                                     | false",
        "text/html                                                           | false",
        "no type                                                             | false"
      })
  void theHigherQualityIsPreferredAndThenTheEarlierPlace(String accept, boolean lines) {
    assertThat(Accepted.prefers(accept, MediaType.APPLICATION_NDJSON, MediaType.APPLICATION_JSON))
        .isEqualTo(lines);
  }
}
