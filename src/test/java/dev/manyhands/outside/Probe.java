package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.support.TemporaryDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/**
 * One function in every runtime. An item specifies an action and a path ({@code "read
 * /etc/passwd"}). The value is {@code "done"}, {@code "refused"} for lack of rights, or another
 * error.
 */
enum Probe {
  PYTHON,
  JAVA,
  COMMAND;

  private static final String PYTHON_SOURCE =
      """
      import importlib, importlib.util, multiprocessing, os, shutil, socket, subprocess, sys

      def read(path):
          with open(path, "rb") as file: file.read(1)

      def write(path):
          with open(path, "r+b") as file: file.write(b"x")

      def create(path):
          with open(path, "x") as file: file.write("x")

      def import_all(names):
          for name in names.split("+"):
              # What this machine does not have is no fault.
              if importlib.util.find_spec(name): importlib.import_module(name)

      def end_child(count):
          for i in range(int(count)):
              child = subprocess.Popen(["sleep", "60"])
              child.terminate()
              child.wait()

      def pool(size):
          with multiprocessing.get_context("fork").Pool(int(size)) as pool:
              assert pool.map(abs, [-1, -2]) == [1, 2]

      WAYS = {
          "list": os.listdir, "read": read, "write": write, "create": create, "remove": os.remove,
          "cut": lambda path: os.truncate(path, 0), "move": lambda path: shutil.move(path, "moved"),
          "start": subprocess.check_call, "import": import_all, "pool": pool,
          "signal": lambda pid: os.kill(int(pid), 0), "end-child": end_child,
          "connect": lambda port: socket.create_connection(("127.0.0.1", int(port))).close(),
      }

      def probe(item):
          way, path = item.split(" ")
          try:
              WAYS[way](path)
              return "done"
          except PermissionError:
              return "refused"
          except OSError as other:
              return str(other)
      """;

  private static final String JAVA_SOURCE =
      """
      import dev.manyhands.sdk.*;
      import java.io.IOException;
      import java.net.Socket;
      import java.nio.channels.FileChannel;
      import java.nio.file.*;
      import static java.nio.file.StandardOpenOption.*;

      public final class Probe implements ItemFunction<String, String> {
        @Override
        public String apply(String item, Context context) throws Exception {
          String[] words = item.split(" ");
          try {
            act(words[0], words[1]);
            return "done";
          } catch (AccessDeniedException refused) {
            return "refused";
          } catch (IOException other) {
            return String.valueOf(other.getMessage()).contains("not permitted") ? "refused" : other.toString();
          }
        }

        private static void act(String way, String name) throws Exception {
          Path path = Path.of(name);
          switch (way) {
            case "list" -> Files.newDirectoryStream(path).close();
            case "read" -> { try (var in = Files.newInputStream(path)) { in.read(); } }
            case "write" -> Files.write(path, new byte[1], WRITE);
            case "create" -> Files.write(path, new byte[1], CREATE_NEW);
            case "cut" -> FileChannel.open(path, WRITE, TRUNCATE_EXISTING).close();
            case "remove" -> Files.delete(path);
            case "move" -> Files.move(path, Path.of("moved"));
            case "start" -> new ProcessBuilder(name).start().waitFor();
            case "connect" -> new Socket("127.0.0.1", Integer.parseInt(name)).close();
            default -> throw new IllegalArgumentException(way);
          }
        }
      }
      """;

  private static final String SHELL_SOURCE =
      """
      act() {
        case $1 in
          list) ls -U "$2" ;;
          read) head -c 1 "$2" ;;
          write) printf x 1<> "$2" ;;
          create) set -C; printf x > "$2" ;;
          cut) truncate -s 0 "$2" ;;
          remove) rm -f "$2" ;;
          move) mv -f "$2" moved ;;
          start) "$2" ;;
          signal) kill -0 "$2" ;;
          end-child) sleep 60 & kill $! && ! wait $! ;;
          connect) printf '' 3<> "/dev/tcp/127.0.0.1/$2" ;;
          *) false ;;
        esac
      }
      while read -r line; do
        line=${line#?}
        line=${line%?}
        said=$( (act $line) 2>&1 > /dev/null) && said=done
        case $said in
          *"ermission denied"*|*"not permitted"*) said=refused ;;
        esac
        printf '"%s"\\n' "$(printf %s "$said" | tr -d '"\\\\\\n')"
      done
      """;

  /** Its member of a job; in Java it is in {@code probe.jar}. */
  String function() {
    return switch (this) {
      case PYTHON ->
          "{\"runtime\": \"python\", \"code\": %s, \"entry\": \"probe\"}"
              .formatted(Service.quote(PYTHON_SOURCE));
      case JAVA -> "{\"runtime\": \"java\", \"class\": \"Probe\", \"jar\": \"probe.jar\"}";
      case COMMAND ->
          "{\"runtime\": \"command\", \"command\": [\"bash\", \"-c\", %s]}"
              .formatted(Service.quote(SHELL_SOURCE));
    };
  }

  /** Puts it into this directory of jars. */
  static void buildJar(Path jars) throws IOException {
    Path work = TemporaryDirectories.make("probe");
    Path source = Files.writeString(work.resolve("Probe.java"), JAVA_SOURCE);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                "target/classes",
                "-d",
                work.toString(),
                source.toString());
    assertThat(status).isZero();
    try (var out = new JarOutputStream(Files.newOutputStream(jars.resolve("probe.jar")))) {
      out.putNextEntry(new JarEntry("Probe.class"));
      out.write(Files.readAllBytes(work.resolve("Probe.class")));
      out.closeEntry();
    }
  }
}
