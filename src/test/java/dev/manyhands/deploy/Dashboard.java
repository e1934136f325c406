package dev.manyhands.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One of the dashboards for Grafana. */
record Dashboard(Path file, JsonNode json) {
  private static final Path DIRECTORY = Chart.DIRECTORY.resolve("files/dashboards");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.sorted().toList();
    }
  }

  static List<Dashboard> all() throws IOException {
    var all = new ArrayList<Dashboard>();
    for (Path file : files()) {
      all.add(new Dashboard(file, new JsonMapper().readTree(Files.readString(file))));
    }
    return all;
  }

  List<JsonNode> panels() {
    return StreamSupport.stream(json.get("panels").spliterator(), false).toList();
  }

  /** A query of a panel to Prometheus. */
  record Query(String panel, String expression, String legend) {}

  List<Query> queries() {
    var queries = new ArrayList<Query>();
    for (JsonNode panel : panels()) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(
            new Query(
                json.get("title").stringValue() + " / " + panel.get("title").stringValue(),
                target.get("expr").stringValue(),
                target.get("legendFormat").stringValue()));
      }
    }
    return queries;
  }

  @Override
  public String toString() {
    return file.getFileName().toString();
  }
}
