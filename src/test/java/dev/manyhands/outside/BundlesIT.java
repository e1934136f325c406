package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.manyhands.outside.Service.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Functions that are uploaded as files. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BundlesIT {
  private static final String PY = "{\"runtime\": \"python\"}";
  private Service service;

  @TempDir private Path directory;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.limits.bundle=2MB");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  // ---- what can be uploaded

  @Test
  void aPythonFile() {
    var answer = upload("cube", PY, "cubes.py", "def cube(x):\n  return x ** 3\n");
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    var function = service.get("/api/v1/functions/cube").json();
    assertThat(function).isEqualTo(answer.json());
    assertThat(function.get("definition").toString())
        .isEqualTo("{\"runtime\":\"python\",\"entry\":\"cubes:cube\"}");
    var bundle = function.get("bundle");
    assertThat(bundle.get("kind").stringValue()).isEqualTo("py");
    assertThat(bundle.get("fileName").stringValue()).isEqualTo("cubes.py");
    assertThat(bundle.get("bytes").intValue()).isEqualTo(29);
    assertThat(bundle.get("files").intValue()).isEqualTo(1);
    assertThat(bundle.get("digest").stringValue()).matches("sha256:[0-9a-f]{64}");
    assertThat(result("cube", "[2, 3]")).isEqualTo("[8,27]");
  }

  @Test
  void aZipWithAPackageAndData() throws IOException {
    byte[] zip =
        zip(
            "shop/__init__.py", "",
            "shop/prices.py",
                """
                import csv, os
                from . import tax
                with open(os.path.join(os.path.dirname(__file__), "data", "prices.csv")) as file:
                    PRICES = {name: int(price) for name, price in csv.reader(file)}
                def price(name):
                    return tax.gross(PRICES[name])
                def where(_):
                    return [price.__module__, os.environ["MANYHANDS_BUNDLE"] in __file__]
                """,
            "shop/tax.py", "def gross(net): return net * 2",
            "shop/data/prices.csv", "apple,1\npear,2\n");
    var answer = upload("price", definition("shop.prices:price"), "shop.zip", zip);
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    assertThat(answer.json().get("bundle").get("files").intValue()).isEqualTo(4);
    assertThat(result("price", "[\"pear\", \"apple\"]")).isEqualTo("[4,2]");
    upload("where", definition("shop.prices:where"), "shop.zip", zip);
    assertThat(result("where", "[0]")).isEqualTo("[[\"shop.prices\",true]]");
    try (Stream<Path> all = Files.walk(service.directory.resolve("data/bundles"))) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .contains("prices.csv")
          .doesNotContain("__pycache__");
    }
  }

  @Test
  void aJar() throws IOException {
    var answer =
        upload(
            "twice", "{\"runtime\": \"java\", \"class\": \"my.pack.Twice\"}", "twice.jar", jar());
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    assertThat(answer.json().get("bundle").get("kind").stringValue()).isEqualTo("jar");
    assertThat(answer.json().get("definition").has("jar")).isFalse();
    assertThat(result("twice", "[1, 2]")).isEqualTo("[2,4]");
  }

  @Test
  void anExecutable() {
    String script =
        """
        #!/usr/bin/env python3
        import json, sys
        for line in iter(sys.stdin.readline, ""):
            print(json.dumps([json.loads(line), sys.argv[1:]]), flush=True)
        """;
    var answer = upload("echo", "{\"runtime\": \"command\"}", "echo.py", script);
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    assertThat(answer.json().get("bundle").get("kind").stringValue()).isEqualTo("executable");
    assertThat(result("echo", "[1, \"a\"]")).isEqualTo("[[1,[]],[\"a\",[]]]");
    upload(
        "echo",
        "{\"runtime\": \"command\", \"command\": [\"echo.py\", \"-v\"]}",
        "echo.py",
        script);
    assertThat(result("echo", "[1]")).isEqualTo("[[1,[\"-v\"]]]");
  }

  @Test
  void anExecutableInAZip() throws IOException {
    byte[] zip =
        zip(
            "bin/run",
            """
            #!/usr/bin/env python3
            import os, sys
            add = int(open(os.path.join(os.environ["MANYHANDS_BUNDLE"], "add.txt")).read())
            for line in iter(sys.stdin.readline, ""):
                print(int(line) + add, flush=True)
            """,
            "add.txt",
            "40");
    String run = "{\"runtime\": \"command\", \"command\": [\"bin/run\"]}";
    assertThat(upload("add", run, "add.zip", zip).status()).isEqualTo(201);
    assertThat(result("add", "[1, 2]")).isEqualTo("[41,42]");
  }

  // ---- versions

  @Test
  void theSameAgainChangesNothingAndAnyOtherByteDoes() {
    String code = "def v(x):\n  return 1\n";
    var first = upload("v", PY, "v.py", code);
    var again = upload("v", PY, "v.py", code);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json()).isEqualTo(first.json());
    var second = upload("v", PY, "v.py", code + "# more\n");
    assertThat(second.status()).isEqualTo(201);
    assertThat(second.json().get("versions")).hasSize(2);
    assertThat(second.json().get("digest")).isNotEqualTo(first.json().get("digest"));
    upload("v", PY, "v.py", code.replace('1', '2'));
    assertThat(result("v", "[0]")).isEqualTo("[2]");
    String old = "v@" + first.json().get("digest").stringValue();
    assertThat(result(old, "[0]")).isEqualTo("[1]");
    JsonNode version = service.get("/api/v1/functions/" + old).json();
    assertThat(version.get("digest")).isEqualTo(first.json().get("digest"));
    assertThat(version.get("registeredAt")).isEqualTo(first.json().get("registeredAt"));
    assertThat(version.get("bundle")).isEqualTo(first.json().get("bundle"));
    assertThat(version.get("versions")).hasSize(3);
    JsonNode last = version.get("versions").get(2);
    assertThat(last.get("digest")).isEqualTo(first.json().get("digest"));
    assertThat(last.get("bundle")).isEqualTo(first.json().get("bundle"));
    assertThat(service.get("/api/v1/functions/v@sha256:00").status()).isEqualTo(404);
  }

  @Test
  void whatIsRememberedIsOfThisVersion() {
    String job = "{\"function\": \"memo\", \"inputs\": [1], \"cache\": true}";
    for (String value : List.of("old", "new", "old")) {
      upload("memo", PY, "memo.py", "def memo(x):\n  return '" + value + "'\n");
      assertThat(service.run(job).get("result").toString()).isEqualTo("[\"" + value + "\"]");
    }
    assertThat(service.run(job).get("items").get("cached").intValue()).isEqualTo(1);
  }

  @Test
  void aJobKeepsItsVersionThroughUpdateDeletionAndKillMinus9() throws Exception {
    var first = Service.start(Service.newDirectory());
    String code = "import time, helper\ndef f(x):\n  time.sleep(0.01)\n  return helper.VERSION\n";
    byte[] old = zip("m.py", code, "helper.py", "VERSION = 'old'");
    upload(first, "f", definition("m:f"), "f.zip", old);
    String id = first.submit("{\"function\": \"f\", \"inputs\": {\"range\": {\"stop\": 200}}}");
    String paused = first.submit("{\"function\": \"f\", \"inputs\": [1, 2], \"paused\": true}");
    upload(
        first, "f", definition("m:f"), "f.zip", zip("m.py", code, "helper.py", "VERSION = 'new'"));
    assertThat(first.run("{\"function\": \"f\", \"inputs\": [1]}").get("result").toString())
        .isEqualTo("[\"new\"]");
    assertThat(first.delete("/api/v1/functions/f").status()).isEqualTo(204);
    assertThat(first.get("/api/v1/functions/f").status()).isEqualTo(404);
    first.killMinus9();
    Files.createDirectories(first.directory.resolve("data/bundles/new-1"));
    Files.writeString(first.directory.resolve("data/bundles/upload-1"), "half");
    try (var second = first.again()) {
      assertThat(first.directory.resolve("data/bundles/upload-1")).doesNotExist();
      assertThat(first.directory.resolve("data/bundles/new-1")).doesNotExist();
      var job = second.await(id);
      assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
      assertThat(second.results(id).stream().map(JsonNode::stringValue)).containsOnly("old");
      second.send(
          second
              .request("/api/v1/jobs/" + paused)
              .header("Content-Type", "application/json")
              .method("PATCH", BodyPublishers.ofString("{\"paused\": false}")));
      assertThat(second.await(paused).get("result").toString()).isEqualTo("[\"old\",\"old\"]");
    }
  }

  @Test
  void aBundleGoesWithTheLastThatNeedsIt() throws Exception {
    String name = "gone.py";
    var answer = upload("gone", PY, name, "def gone(x):\n  return x\n");
    String digest = answer.json().get("bundle").get("digest").stringValue();
    Path bundles = service.directory.resolve("data/bundles");
    assertThat(names(bundles)).anyMatch(each -> each.endsWith(name));
    service.delete("/api/v1/functions/gone");
    String removed = "removed a bundle that nothing needs, digest=" + digest;
    for (int i = 0; !service.log().contains(removed); i++) {
      assertThat(i).as("it is still there").isLessThan(5_000);
      service.get("/api/v1/functions/gcd"); // a moment
    }
    assertThat(names(bundles)).noneMatch(each -> each.endsWith(name));
  }

  // ---- what is refused

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "python | m:f  | f.txt        | file             | a .py or a .zip",
        "python | m:f  | f.jar        | file             | a .py or a .zip",
        "python | f    | my-func.py   | file             | filename=my_functions.py",
        "python | f    | 'my func.py' | file             | must have a file name",
        "python | a:f  | f.py         | definition/entry | names the module 'a'",
        "python | g    | f.py         | definition/entry | no 'g' in the module 'f'",
        "python | f(x) | f.py         | definition/entry | must be module:function",
        "python | m:f  | f.zip        | file             | is not a zip",
        "java   |      | f.zip        | file             | a .jar",
        "java   |      | f.jar        | file             | is not a zip",
        "command |     | run          | file             | is no program",
        "command |     | run.zip      | file             | is not a zip",
      })
  void aFileThatDoesNotFitSaysWhy(
      String runtime, String entry, String file, String pointer, String why) {
    String definition =
        switch (runtime) {
          case "python" -> definition(entry);
          case "java" -> "{\"runtime\": \"java\", \"class\": \"a.B\"}";
          default -> "{\"runtime\": \"command\"}";
        };
    refused(upload("bad", definition, file, "def f(x):\n  return x\n"), 422, pointer, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"runtime\": \"python\", \"code\": \"1\"} | 422 | definition/code | does not go with",
        "{\"runtime\": \"java\", \"class\": \"A\", \"jar\": \"a.jar\"} | 422 | definition/jar | does not go",
        "{\"runtime\": \"java\"} | 400 | definition/class | is required",
        "{\"runtime\": \"ruby\"} | 422 | definition/runtime | python, java or command",
        "{\"runtime\": \"python\", \"entri\": \"f\"} | 400 | definition/entri | no such field",
        "{\"runtime\": | 400 | definition | ",
        "[] | 400 | definition | must be an object"
      })
  void aDefinitionThatDoesNotFitSaysWhy(String definition, int status, String pointer, String why) {
    refused(upload("bad", definition, "f.py", "def f(x): return x"), status, pointer, why);
  }

  @Test
  void anEntryThatIsNotInTheBundleIsRefused() throws IOException {
    byte[] zip = zip("p/m.py", "def f(x): return x", "readme.txt", "x");
    refused(upload("bad", PY, "p.zip", zip), 422, "definition/entry", "must be module:function");
    refused(
        upload("bad", definition("m:f"), "p.zip", zip), 422, "definition/entry", "[p, readme.txt]");
    refused(upload("bad", definition("p.m:g"), "p.zip", zip), 422, "definition/entry", "no 'g'");
    String missing = "{\"runtime\": \"command\", \"command\": [\"run\"]}";
    refused(upload("bad", missing, "p.zip", zip), 422, "definition/command/0", "no 'run'");
    String outside = "{\"runtime\": \"command\", \"command\": [\"../../../../bin/ls\"]}";
    refused(upload("bad", outside, "p.zip", zip), 422, "definition/command/0", "inside the bundle");
    String none = "{\"runtime\": \"command\"}";
    refused(upload("bad", none, "p.zip", zip), 400, "definition/command", "is required");
    String other = "{\"runtime\": \"java\", \"class\": \"my.pack.Thrice\"}";
    refused(upload("bad", other, "t.jar", jar()), 422, "definition/class", "no class");
    assertThat(service.get("/api/v1/functions/bad").status()).isEqualTo(404);
  }

  @Test
  void hostileZipsAreRefusedAndLeaveNothing() throws IOException {
    List<String> before = names(service.directory.resolve("data/bundles"));
    byte[] good = zip("m.py", "def f(x): return x");
    refused(
        upload("bad", definition("m:f"), "z.zip", zip("../m.py", "1")), 422, "file", "leads out");
    refused(upload("bad", definition("m:f"), "z.zip", zip("/m.py", "1")), 422, "file", "relative");
    refused(
        upload("bad", definition("m:f"), "z.zip", zip("m.py", "", "M.py", "")),
        422,
        "file",
        "case");
    byte[] cut = Arrays.copyOf(good, good.length - 30);
    refused(upload("bad", definition("m:f"), "z.zip", cut), 422, "file", "is not a zip");
    byte[] bomb = zip("zeros", "\0".repeat(40 << 20));
    refused(upload("bad", definition("m:f"), "z.zip", bomb), 413, "file", "100 times");
    assertThat(names(service.directory.resolve("data/bundles"))).isEqualTo(before);
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws IOException {
    byte[] large = new byte[(2 << 20) + 1];
    new Random(1).nextBytes(large);
    refused(upload("bad", PY, "f.py", large), 413, "file", "manyhands.limits.bundle");
    assertThat(names(service.directory.resolve("data/bundles"))).noneMatch(x -> x.startsWith("up"));
    var limits = service.get("/api/v1/limits").json();
    assertThat(limits.get("maxBundleBytes").intValue()).isEqualTo(2 << 20);
    assertThat(limits.get("maxBundleUnpackedBytes").longValue()).isEqualTo(512 << 20);
    assertThat(limits.get("maxBundleEntries").longValue()).isEqualTo(10_000);
  }

  @Test
  void aFormThatIsNotWholeSaysSo() {
    refused(form("bad", part("definition", null, PY)), 400, "file", "is a required part");
    String file = part("file", "f.py", "def f(x): return x");
    refused(form("bad", file), 400, "definition", "is a required part");
    refused(form("bad", file + file), 400, "file", "once");
    refused(form("bad", part("fiel", "f.py", "")), 400, "fiel", "no such part");
    refused(form("bad", part("file", null, "x")), 400, "file", "a file with a name");
    var cut = send(service, "bad", (part("definition", null, PY) + file).getBytes(UTF_8));
    assertThat(cut.status()).as("%s", cut).isEqualTo(400);
    refused(form("1bad", part("definition", null, PY) + file), 422, "name", "begin with a letter");
    var builtIn = form("gcd", part("definition", null, PY) + file);
    assertThat(builtIn.status()).isEqualTo(409);
    var text =
        service.send(
            service
                .request("/api/v1/functions/bad")
                .header("Content-Type", "text/x-python")
                .PUT(BodyPublishers.ofString("def f(x): return x")));
    assertThat(text.status()).isEqualTo(415);
    assertThat(text.body()).contains("multipart/form-data");
  }

  @Test
  void aModuleThatCannotBeImportedFailsItsJobWithTheReason() {
    upload("broken", PY, "broken.py", "import nowhere\ndef f(x): return x\n");
    var job = service.run("{\"function\": \"broken\", \"inputs\": [1]}");
    assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(job.get("error").toString()).contains("nowhere");
    upload("json", PY, "json.py", "def f(x): return x\n");
    job = service.run("{\"function\": \"json\", \"inputs\": [1]}");
    assertThat(job.get("error").toString()).contains("rename it");
  }

  @Test
  void aBundleForWhichThereIsNoRoomWaitsAndIsNeverHalfUsed() throws Exception {
    assumeTrue(SmallDisk.isPossible(directory), "no disk of our own here");
    String store = "--manyhands.store.url=jdbc:sqlite:" + directory.resolve("roomy.db");
    int size = 24 << 20;
    String noise =
        new Random(7)
            .ints(size, 'a', 'z' + 1)
            .collect(StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
            .toString();
    String code =
        "import os\ndef f(x): return os.path.getsize(os.path.dirname(__file__) + '/large')\n";
    try (var first = Service.start(Service.newDirectory(), store)) {
      byte[] zip = zip("sized.py", code, "large", noise);
      assertThat(upload(first, "sized", definition("sized:f"), "sized.zip", zip).status())
          .isEqualTo(201);
    }
    try (var disk = new SmallDisk(directory.resolve("small"))) {
      disk.leave("20m");
      Path home = Service.newDirectory();
      String data = "--manyhands.data-dir=" + disk.directory();
      try (var second = Service.startBy(disk.launcher(home), home, data, store)) {
        String id = second.submit("{\"function\": \"sized\", \"inputs\": [1, 2]}");
        second.awaitLog("workers cannot be started and are tried again");
        String plain = second.submit(Service.python("def f(x): return x", "[1]"));
        assertThat(second.await(plain).get("state").stringValue()).isEqualTo("SUCCEEDED");
        assertThat(second.get("/api/v1/jobs/" + id).json().get("finishedAt").isNull()).isTrue();
        disk.makeRoom();
        JsonNode job = second.await(id);
        assertThat(job.get("result").toString())
            .as("%s", job)
            .isEqualTo("[%1$d,%1$d]".formatted(size));
      }
    }
  }

  // ---- forms

  private String result(String function, String inputs) {
    var job = service.run("{\"function\": %s, \"inputs\": %s}".formatted(quote(function), inputs));
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    return job.get("result").toString();
  }

  private static void refused(Answer answer, int status, String pointer, String why) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    var error = answer.json().get("errors").get(0);
    assertThat(error.get("pointer").stringValue()).as("%s", answer).isEqualTo(pointer);
    if (why != null) {
      assertThat(error.get("detail").stringValue()).contains(why);
    }
  }

  private static String definition(String entry) {
    return "{\"runtime\": \"python\", \"entry\": %s}".formatted(quote(entry));
  }

  private Answer upload(String name, String definition, String file, String content) {
    return upload(service, name, definition, file, content.getBytes(UTF_8));
  }

  private Answer upload(String name, String definition, String file, byte[] content) {
    return upload(service, name, definition, file, content);
  }

  static Answer upload(
      Service service, String name, String definition, String file, byte[] content) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(part("definition", null, definition).getBytes(UTF_8));
    String part = part("file", file, "");
    body.writeBytes(part.substring(0, part.length() - 2).getBytes(UTF_8));
    body.writeBytes(content);
    body.writeBytes("\r\n--edge--\r\n".getBytes(UTF_8));
    return send(service, name, body.toByteArray());
  }

  private Answer form(String name, String parts) {
    return send(service, name, (parts + "--edge--\r\n").getBytes(UTF_8));
  }

  private static String part(String name, String fileName, String content) {
    return "--edge\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n"
        .formatted(name, fileName == null ? "" : "; filename=\"" + fileName + "\"", content);
  }

  private static Answer send(Service service, String name, byte[] body) {
    return service.send(
        service
            .request("/api/v1/functions/" + name)
            .header("Content-Type", "multipart/form-data; boundary=edge")
            .PUT(BodyPublishers.ofByteArray(body)));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  static byte[] zip(String... namesAndContents) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        var entry = new ZipEntry(namesAndContents[i]);
        entry.setTime(0); // equal bytes whenever the zip is made
        zip.putNextEntry(entry);
        zip.write(namesAndContents[i + 1].getBytes(UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  private byte[] jar() throws IOException {
    Path source = directory.resolve("Twice.java");
    Files.writeString(
        source,
        """
        package my.pack;
        import dev.manyhands.sdk.*;
        public final class Twice implements ItemFunction<Long, Long> {
          @Override public Long apply(Long x, Context context) { return 2 * x; }
        }
        """);
    Path sdk = Path.of("target/classes/manyhands/java/manyhands-worker.jar").toAbsolutePath();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                sdk.toString(),
                "-d",
                directory.toString(),
                source.toString());
    assertThat(status).isZero();
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("my/pack/Twice.class"));
      zip.write(Files.readAllBytes(directory.resolve("my/pack/Twice.class")));
    }
    return bytes.toByteArray();
  }
}
