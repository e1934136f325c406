package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.LongStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Tricks of Java functions that mean harm: they cost their item, or nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JavaTricksIT {
  private static final String SOURCE =
      """
      import com.sun.tools.attach.VirtualMachine;
      import dev.manyhands.sdk.*;
      import java.io.RandomAccessFile;
      import java.lang.foreign.*;
      import java.nio.file.*;

      public final class Tricks implements ItemFunction<String, String> {
        @Override
        public String apply(String item, Context context) throws Exception {
          String[] words = item.split(" ");
          switch (words[0]) {
            case "nothing" -> {}
            case "unsafe" -> {
              var field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
              field.setAccessible(true);
              ((sun.misc.Unsafe) field.get(null)).putLong(8L, 1L);
            }
            case "memory" -> {
              long stack = 0;
              for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                if (line.contains("libjvm.so")) {
                  stack = Long.parseUnsignedLong(line.split("-")[0], 16);
                  break;
                }
              }
              try (var file = new RandomAccessFile("/proc/self/mem", "rw")) {
                file.seek(stack);
                file.write(new byte[32 << 20]);
              }
            }
            case "attach" -> VirtualMachine.attach(words[1]).detach();
            case "attach-self" ->
                VirtualMachine.attach(Long.toString(ProcessHandle.current().pid()))
                    .loadAgent("/nothing.jar");
            case "agent" -> VirtualMachine.attach(words[1]).loadAgentPath("/nothing.so");
            case "kill" -> call("kill", Integer.parseInt(words[1]), 9);
            case "stop" -> call("kill", Integer.parseInt(words[1]), 19);
            case "jni-fatal" -> fatalError();
            case "jni-destroy" -> {
              MemorySegment vm = machine();
              var answer = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
              int _ = (int) invoke(function(vm, 3), answer, vm);
            }
            case "jni-missing" -> System.load("/nothing.so");
            case "jni-other" -> System.loadLibrary("attach");
            case "kill-self" -> call("kill", (int) ProcessHandle.current().pid(), 9);
            case "abort" -> call("raise", 6, 0);
            case "destroy" ->
                ProcessHandle.of(Long.parseLong(words[1])).orElseThrow().destroyForcibly();
            case "halt" -> Runtime.getRuntime().halt(0);
            case "exit" -> System.exit(0);
            case "exit-in-hook" -> {
              Runtime.getRuntime().addShutdownHook(new Thread(() -> System.exit(1)));
              System.exit(0);
            }
            case "hook" -> Runtime.getRuntime().addShutdownHook(new Thread(Tricks::forEver));
            case "threads" -> {
              for (int i = 0; i < 50; i++) {
                new Thread(Tricks::forEver).start();
              }
            }
            case "handler" -> {
              Thread.setDefaultUncaughtExceptionHandler((thread, e) -> forEver());
              throw new Error("of the function");
            }
            case "recursion" -> recurse(0);
            case "streams" -> {
              System.in.close();
              System.out.close();
              System.err.close();
            }
            default -> throw new IllegalArgumentException(item);
          }
          return "done";
        }

        private static void call(String name, int first, int second) throws Exception {
          var code = Linker.nativeLinker().defaultLookup().find(name).orElseThrow();
          var type =
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
          if ((int) invoke(code, type, first, second) != 0) {
            throw new IllegalStateException(name + " is refused");
          }
        }

        /** The running virtual machine, as native code gets it: a pointer to a table of functions. */
        private static MemorySegment machine() throws Exception {
          Path library = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
          var entry =
              SymbolLookup.libraryLookup(library, Arena.global())
                  .find("JNI_GetCreatedJavaVMs")
                  .orElseThrow();
          MemorySegment machines = Arena.global().allocate(8);
          var list =
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS);
          invoke(entry, list, machines, 1, Arena.global().allocate(4));
          return machines.get(ValueLayout.ADDRESS, 0);
        }

        private static MemorySegment function(MemorySegment object, int index) {
          long table = object.reinterpret(8).get(ValueLayout.JAVA_LONG, 0);
          long address =
              MemorySegment.ofAddress(table).reinterpret(4096).get(ValueLayout.JAVA_LONG, 8L * index);
          return MemorySegment.ofAddress(address);
        }

        /** Ends this process, by a function of JNI. */
        private static void fatalError() throws Exception {
          MemorySegment vm = machine();
          MemorySegment found = Arena.global().allocate(8);
          var getEnv =
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT);
          invoke(function(vm, 6), getEnv, vm, found, 0x00010008);
          MemorySegment env = found.get(ValueLayout.ADDRESS, 0);
          var fatal = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS);
          invoke(function(env, 18), fatal, env, Arena.global().allocateFrom("of the function"));
        }

        private static Object invoke(
            MemorySegment code, FunctionDescriptor type, Object... arguments) throws Exception {
          try {
            return Linker.nativeLinker().downcallHandle(code, type).invokeWithArguments(arguments);
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
        }

        private static int recurse(int depth) {
          return recurse(depth + 1) + 1;
        }

        private static void forEver() {
          while (true) {
            try {
              Thread.sleep(1_000);
            } catch (InterruptedException e) {
              // goes on
            }
          }
        }
      }
      """;

  private Service service;

  @TempDir private static Path directory;

  @BeforeAll
  void start() throws Exception {
    Requirements.python();
    Requirements.landlock(6);
    buildJar();
    service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.slots=2",
            "--manyhands.workers.sandbox=process",
            "--manyhands.java.jars=" + directory);
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
  }

  private static void buildJar() throws IOException {
    Path work = Files.createDirectory(directory.resolve("work"));
    Path source = Files.writeString(work.resolve("Tricks.java"), SOURCE);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-cp",
                "target/classes",
                "-d",
                work.toString(),
                source.toString());
    assertThat(status).isZero();
    try (var out = new JarOutputStream(Files.newOutputStream(directory.resolve("tricks.jar")))) {
      out.putNextEntry(new JarEntry("Tricks.class"));
      out.write(Files.readAllBytes(work.resolve("Tricks.class")));
      out.closeEntry();
    }
  }

  /** The outcome of the item between two that do nothing; those are done. */
  private JsonNode outcomeOf(String trick) {
    String item = Service.quote(trick.replace("SERVICE", Long.toString(service.pid())));
    JsonNode job =
        service.run(
            """
            {"function": {"runtime": "java", "class": "Tricks", "jar": "tricks.jar"},
             "inputs": ["nothing", %s, "nothing"], "workers": 1, "chunking": {"size": 3},
             "maxFailures": 1, "retry": {"crash": 1}, "timeouts": {"item": 10}}
            """
                .formatted(item));
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    String items = "/api/v1/jobs/" + job.get("id").stringValue() + "/items/";
    for (int index : new int[] {0, 2}) {
      JsonNode innocent = service.get(items + index).json();
      assertThat(innocent.get("value").toString()).as("%s", innocent).isEqualTo("\"done\"");
    }
    return service.get(items + 1).json();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unsafe           | CRASH",
        "memory           | any",
        "attach SERVICE   | ERROR",
        "agent SERVICE    | ERROR",
        "attach-self      | ERROR",
        "kill SERVICE     | ERROR",
        "stop SERVICE     | ERROR",
        "destroy SERVICE  | any",
        "jni-fatal        | CRASH",
        "jni-destroy      | any",
        "jni-missing      | ERROR",
        "jni-other        | any",
        "kill-self        | CRASH",
        "abort            | CRASH",
        "halt             | CRASH",
        "exit             | any",
        "exit-in-hook     | any",
        "hook             | none",
        "threads          | none",
        "handler          | ERROR",
        "recursion        | ERROR",
        "streams          | any",
      })
  void aTrickCostsItsItemAtMost(String trick, String kind) throws Exception {
    Path gate = directory.resolve("gate " + trick);
    String waits =
        "import os, time\ndef f(x):\n  while not os.path.exists(%s): time.sleep(0.01)\n  return x"
            .formatted(Service.quote(gate.toString()));
    String beside =
        service.submit(Service.python(waits, "{\"range\": {\"stop\": 5}}", "\"workers\": 1"));
    JsonNode item = outcomeOf(trick);
    switch (kind) {
      case "any" -> assertThat(item.get("state").stringValue()).isIn("SUCCEEDED", "FAILED");
      case "none" -> assertThat(item.get("value").toString()).isEqualTo("\"done\"");
      default -> assertThat(item.at("/error/kind").asString("")).as("%s", item).isEqualTo(kind);
    }
    Files.createFile(gate);
    JsonNode innocent = service.await(beside);
    assertThat(innocent.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(service.results(beside).stream().map(JsonNode::longValue))
        .containsExactlyElementsOf(LongStream.range(0, 5).boxed().toList());
    for (int i = 0; i < 5; i++) {
      JsonNode one = service.get("/api/v1/jobs/" + beside + "/items/" + i).json();
      assertThat(one.get("attempts").intValue()).as("%s", one).isEqualTo(1);
    }
    JsonNode next =
        service.run("{\"function\": \"gcd\", \"inputs\": [[4, 6], [9, 6]], \"workers\": 2}");
    assertThat(next.get("result").toString()).isEqualTo("[2,3]");
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(service.log()).doesNotContain("Full thread dump", " ERROR ");
  }
}
