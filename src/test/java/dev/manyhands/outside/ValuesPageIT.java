package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Every row of docs/reference/values.md is a result over HTTP, and is read back as the page says.
 */
class ValuesPageIT {
  /** The one that a system's packages of Python libraries are for. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final Path PAGE = Path.of("docs/reference/values.md");

  private static final String CODE =
      """
      import base64, enum, math, os, sys
      from array import array
      from collections import Counter, OrderedDict, deque
      from dataclasses import dataclass
      from datetime import date, datetime, time, timedelta, timezone
      from decimal import Decimal
      from fractions import Fraction
      from math import inf, nan
      from pathlib import Path
      from types import SimpleNamespace
      from uuid import UUID

      class Color(enum.Enum):
          RED = "red"

      @dataclass
      class Point:
          x: int
          y: float

      def f(step, value, text=None, x=None):
          if "np." in value:
              global np
              import numpy as np
          if step == "numpy":
              return "numpy" in sys.modules
          v = eval(value)
          if step == "value":
              return v
          made = eval(text, {**globals(), "v": v, "x": x})
          return made if step == "remedy" else [repr(made), repr(v)]
      """;

  @TempDir private Path directory;

  private Service service;

  @Test
  void rowsWithoutNumpyWorkWhereThereIsNone() throws Exception {
    Requirements.python();
    Path python = directory.resolve("python");
    new ProcessBuilder("python3", "-m", "venv", "--without-pip", python.toString())
        .inheritIO()
        .start()
        .waitFor();
    try (var started = start(python.resolve("bin/python3").toString())) {
      service = started;
      writesAndReadsBack("results", 24);
      refusesAndTakesTheRemedy("refused", 12);
      writesNonFinite();
      String job = job("[[\"value\", \"np.int64(1)\"], [\"numpy\", \"\"]]", "");
      assertThat(values(job)).containsExactly("null", "false");
    }
  }

  @Test
  void rowsWithNumpyWork() throws Exception {
    Requirements.pythonModule(PYTHON, "numpy");
    try (var started = start(PYTHON)) {
      service = started;
      writesAndReadsBack("results", 24);
      writesAndReadsBack("numpy", 9);
      refusesAndTakesTheRemedy("refused", 12);
      refusesAndTakesTheRemedy("refused-numpy", 5);
      writesNonFinite();
      JsonNode sum =
          service.run(
              body(
                  "[[\"value\", \"np.int64(2**62)\"], [\"value\", \"np.uint64(2**63)\"]]",
                  ", \"reduce\": \"sum\""));
      assertThat(sum.get("result").toString()).isEqualTo("13835058055282163712");
    }
  }

  @Test
  void theLinesOfThePageWork() throws Exception {
    Requirements.python();
    try (var started = Service.start(Service.newDirectory())) {
      var scripts = Pasted.scripts(PAGE.toString());
      assertThat(scripts).containsOnlyKeys("nan", "processes", "python");
      assertThat(Pasted.run(scripts.get("nan"), started))
          .contains("\"result\":[[1,null],[2,null]]");
      assertThat(Pasted.run(scripts.get("processes"), started)).contains("\"result\":[[0,1,4,9]]");
      assertThat(Pasted.run(scripts.get("python"), started))
          .contains("\"s\":\"2j\"", "\"s\":\"1j\"");
    }
  }

  private static Service start(String interpreter) {
    return Service.start(Service.newDirectory(), "--manyhands.python.interpreter=" + interpreter);
  }

  private void writesAndReadsBack(String table, int rows) throws IOException {
    List<List<String>> cells = rows(table);
    assertThat(cells).as("rows of " + table).hasSize(rows);
    var items = new ArrayList<String>();
    for (List<String> row : cells) {
      items.add("[\"value\", %s]".formatted(Service.quote(row.get(1))));
      items.add(
          "[\"read\", %s, %s, %s]"
              .formatted(Service.quote(row.get(1)), Service.quote(row.get(3)), row.get(2)));
    }
    String id = job(items.toString(), "");
    List<JsonNode> found = service.results(id);
    for (int i = 0; i < rows; i++) {
      var row = cells.get(i);
      assertThat(found.get(2 * i).toString()).as("%s", row).isEqualTo(row.get(2));
      assertThat(found.get(2 * i + 1).get(0)).as("%s", row).isEqualTo(found.get(2 * i + 1).get(1));
    }
  }

  private void refusesAndTakesTheRemedy(String table, int rows) throws IOException {
    List<List<String>> cells = rows(table);
    assertThat(cells).as("rows of " + table).hasSize(rows);
    var items = new ArrayList<String>();
    for (List<String> row : cells) {
      String value = Service.quote(row.get(1));
      items.add("[\"value\", %s]".formatted(value));
      items.add("[\"remedy\", %s, %s]".formatted(value, Service.quote(row.get(2))));
    }
    String id = job(items.toString(), "");
    JsonNode page = service.get("/api/v1/jobs/" + id + "/results").json();
    var failed = new ArrayList<Long>();
    for (JsonNode error : page.get("errors")) {
      assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo("UNSERIALIZABLE");
      failed.add(error.get("index").longValue());
    }
    var expected = new ArrayList<Long>();
    for (long i = 0; i < rows; i++) {
      expected.add(2 * i);
    }
    assertThat(failed).as("%s", page.get("errors")).isEqualTo(expected);
  }

  private void writesNonFinite() throws IOException {
    List<List<String>> cells = rows("nonFinite");
    assertThat(cells).hasSize(3);
    for (List<String> row : cells) {
      String form = row.get(0);
      String id = job("[[\"value\", \"[1.5, nan, inf, -inf]\"]]", ", \"nonFinite\": " + form);
      String expected = form.equals("\"error\"") ? "null" : row.get(1);
      assertThat(values(id)).as(form).containsExactly(expected);
    }
  }

  private String job(String items, String more) {
    return service.run(body(items, more)).get("id").stringValue();
  }

  private static String body(String items, String more) {
    return "{\"function\": {\"runtime\": \"python\", \"entry\": \"f\", \"code\": %s}, "
            .formatted(Service.quote(CODE))
        + "\"call\": \"starmap\", \"maxFailures\": \"100%%\", \"inputs\": %s%s}"
            .formatted(items, more);
  }

  private List<String> values(String id) {
    return service.results(id).stream().map(JsonNode::toString).toList();
  }

  /** Returns the cells of a marked table of the page. Only the code of a cell counts. */
  private static List<List<String>> rows(String table) throws IOException {
    var marked =
        Pattern.compile("<!-- tested: " + table + " -->\n\\|.*\n\\|.*\n((?:\\|.*\n)+)")
            .matcher(Files.readString(PAGE));
    assertThat(marked.find()).as("a table " + table).isTrue();
    return marked
        .group(1)
        .lines()
        .map(line ->
            Arrays.stream(line.substring(2).split(" \\| | \\|$")).map(ValuesPageIT::code).toList())
        .toList();
  }

  private static String code(String cell) {
    int end = cell.indexOf('`', 1);
    return cell.startsWith("`") && end > 0 ? cell.substring(1, end) : cell;
  }
}
