package dev.manyhands.app.install;

import dev.manyhands.function.JarDirectory;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.boot.system.ApplicationHome;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * {@code java -jar manyhands.jar install DIRECTORY}: unpacks the jar into a directory and makes an
 * AOT cache there, by a training run of the service. {@code bin/manyhands train} in that directory
 * makes the cache again, for example after an update of Java.
 */
public final class InstallCommand {
  private static final String INSTALL = "install";
  private static final String TRAIN = "train";

  private InstallCommand() {}

  /** Returns whether the arguments ask for {@code install} or {@code train}. */
  public static boolean isAskedFor(String[] arguments) {
    return arguments.length > 0 && List.of(INSTALL, TRAIN).contains(arguments[0]);
  }

  /**
   * Runs the command.
   *
   * @return the exit status: 1 if it failed, 2 if its arguments are wrong
   */
  public static int run(String[] arguments, PrintStream out, PrintStream errors) {
    try {
      if (arguments[0].equals(INSTALL) && arguments.length == 2) {
        install(Path.of(arguments[1]), out);
        return 0;
      }
      if (arguments[0].equals(TRAIN) && arguments.length == 1) {
        train(out);
        return 0;
      }
      errors.println("the commands are 'install DIRECTORY' and 'train', without other arguments");
      return 2;
    } catch (IOException e) {
      errors.println(arguments[0] + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 1;
  }

  private static void train(PrintStream out) throws IOException, InterruptedException {
    var layout = Layout.ofThisProcess();
    if (layout.isEmpty()) {
      throw new IOException(
          "this is the plain jar. Use 'java -jar manyhands.jar install DIRECTORY'");
    }
    Training.run(layout.get(), out);
  }

  private static void install(Path directory, PrintStream out)
      throws IOException, InterruptedException {
    File source = new ApplicationHome(InstallCommand.class).getSource();
    if (source == null || !source.isFile() || Layout.ofThisProcess().isPresent()) {
      throw new IOException("only the packaged manyhands.jar can be installed");
    }
    Path jar = source.toPath().toAbsolutePath();
    Files.createDirectories(directory);
    var layout = new Layout(directory.toRealPath());
    String madeOf = JarDirectory.digest(jar) + " " + Training.java();
    if (Files.exists(layout.madeOf()) && Files.readString(layout.madeOf()).equals(madeOf)) {
      out.println(directory + " is up to date");
      return;
    }
    clear(jar, layout);
    // The launcher comes first. By the launcher, a later run knows an installation that is cut off.
    copyLauncher(layout);
    unpack(jar, layout);
    copySqlite(layout);
    Training.run(layout, out);
    Files.writeString(layout.madeOf(), madeOf);
  }

  /**
   * Deletes what an earlier installation has made of its files, and leaves the files themselves. A
   * service may run from them.
   *
   * @param jar that this process runs from
   * @throws IOException if the directory is neither empty nor an installation, or holds the given
   *     jar; nothing is deleted then
   */
  static void clear(Path jar, Layout layout) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(layout.directory())) {
      files = list.toList();
    }
    if (files.isEmpty()) {
      return;
    }
    if (!isLauncher(layout.launcher())) {
      throw new IOException(
          layout.directory() + " is not empty, and no installation. Name a new directory");
    }
    if (Files.exists(layout.jar()) && Files.isSameFile(jar, layout.jar())) {
      throw new IOException(
          layout.directory() + " holds the jar that is to be installed. Name another directory");
    }
    // Without this file the directory counts as not installed.
    Files.deleteIfExists(layout.madeOf());
    Files.deleteIfExists(layout.cache());
    if (Files.isDirectory(layout.archives())) {
      deleteFiles(layout.archives());
    }
  }

  /** Whether the file is the launcher of any version. Other programs may have the same name. */
  private static boolean isLauncher(Path file) throws IOException {
    return Files.isRegularFile(file)
        && Files.readString(file, StandardCharsets.ISO_8859_1).contains("manyhands.aot");
  }

  private static void deleteFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static void unpack(Path jar, Layout layout) throws IOException, InterruptedException {
    Path fresh = layout.directory().resolve("new");
    extract(jar, fresh);
    replaceFiles(fresh.resolve("lib"), layout.libraries());
    replace(fresh.resolve(jar.getFileName()), layout.jar());
    Files.delete(fresh);
  }

  /**
   * Replaces the files of a directory, one by one, and deletes the others. The Java of a service
   * that runs has mapped its jars: it would end by SIGBUS if they were written to.
   */
  static void replaceFiles(Path fresh, Path old) throws IOException {
    Files.createDirectories(old);
    Set<Path> names = new HashSet<>();
    try (Stream<Path> files = Files.list(fresh)) {
      for (Path file : files.toList()) {
        Path name = fresh.relativize(file);
        replace(file, old.resolve(name));
        names.add(name);
      }
    }
    try (Stream<Path> files = Files.list(old)) {
      for (Path file : files.toList()) {
        if (!names.contains(old.relativize(file))) {
          Files.delete(file);
        }
      }
    }
    Files.delete(fresh);
  }

  private static void replace(Path fresh, Path old) throws IOException {
    Files.move(fresh, old, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void extract(Path jar, Path fresh) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                Training.program().toString(),
                "-Djarmode=tools",
                "-jar",
                jar.toString(),
                "extract",
                "--force",
                "--destination",
                fresh.toString())
            .redirectErrorStream(true)
            .start();
    String text;
    try (var said = process.inputReader()) {
      text = said.readAllAsString();
    }
    if (process.waitFor() != 0) {
      throw new IOException("the jar cannot be unpacked: " + text);
    }
  }

  /**
   * Copies SQLite's native library out of its jar. The driver would otherwise unpack it at each
   * start to the directory of temporary files, which may not allow programs.
   */
  private static void copySqlite(Layout layout) throws IOException {
    String name = LibraryLoaderUtil.getNativeLibName();
    try (InputStream in =
        InstallCommand.class.getResourceAsStream(
            LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name)) {
      if (in != null) {
        Files.createDirectories(layout.nativeLibraries());
        Path fresh = layout.directory().resolve("new-" + name);
        Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
        replace(fresh, layout.nativeLibraries().resolve(name));
      }
    }
  }

  private static void copyLauncher(Layout layout) throws IOException {
    Path launcher = layout.launcher();
    Files.createDirectories(launcher.resolveSibling("."));
    try (InputStream in = InstallCommand.class.getResourceAsStream("/manyhands/launcher.sh")) {
      if (in == null) {
        throw new FileNotFoundException("the service was built without its launcher");
      }
      Files.copy(in, launcher, StandardCopyOption.REPLACE_EXISTING);
    }
    if (!launcher.toFile().setExecutable(true, false)) {
      throw new IOException(launcher + " cannot be made executable");
    }
  }
}
