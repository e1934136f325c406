package dev.manyhands.engine.worker.process;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;

/**
 * The programs that run inside the workers of the built-in runtimes, as files. They are resources
 * of the service, and another process cannot read them in its jar. Only the service may change the
 * files, whatever its umask is.
 *
 * @param python the directory of the Python worker's modules
 * @param java the jar of the Java worker
 */
record Harnesses(Path python, Path java) {
  /** The modules by name, because a resource directory cannot be listed. */
  static final List<String> PYTHON_MODULES =
      List.of(
          "calls",
          "children",
          "client_names",
          "compiling",
          "descriptors",
          "envelopes",
          "failures",
          "forms",
          "frames",
          "in_child",
          "json_text",
          "limits",
          "loading",
          "main",
          "memory",
          "outcomes",
          "page",
          "printing",
          "processor",
          "reductions",
          "result_text",
          "seeds",
          "self_seeding",
          "shared",
          "shared_calls",
          "shared_page",
          "shared_remote",
          "start",
          "terminal",
          "threads",
          "undecodable",
          "user_module",
          "worker");

  /** The time of the Java worker's jar. A class archive is valid only for a jar of its time. */
  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private static final String PYTHON = "manyhands_worker";

  static Harnesses unpack(Path directory) throws IOException {
    Path python = directory.resolve(PYTHON);
    makeDirectory(directory);
    makeDirectory(python);
    for (String module : PYTHON_MODULES) {
      unpack("/manyhands/python/" + PYTHON + "/" + module + ".py", python);
    }
    Path java = unpack("/manyhands/java/manyhands-worker.jar", directory);
    Files.setLastModifiedTime(java, TIME);
    return new Harnesses(python, java);
  }

  /** Returns the program that a Python worker runs. */
  Path pythonStart() {
    return python.resolve("start.py");
  }

  /** Creates a directory that every user can read, and only the service can change. */
  static void makeDirectory(Path directory) throws IOException {
    Files.createDirectories(directory);
    var file = directory.toFile();
    if (!file.setReadable(true, false)
        || !file.setExecutable(true, false)
        || !file.setWritable(false, false)
        || !file.setWritable(true, true)) {
      throw new IOException("the permissions of " + directory + " cannot be set");
    }
  }

  private static Path unpack(String resource, Path directory) throws IOException {
    Path file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    try (var in = Harnesses.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException("the service was built without " + resource);
      }
      Files.copy(in, file);
    }
    makeReadOnly(file);
    return file;
  }

  /** Lets every user read a file, and no user write to it. */
  static void makeReadOnly(Path file) throws IOException {
    if (!file.toFile().setReadable(true, false) || !file.toFile().setWritable(false, false)) {
      throw new IOException("the permissions of " + file + " cannot be set");
    }
  }
}
