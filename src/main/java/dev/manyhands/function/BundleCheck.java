package dev.manyhands.function;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.Bundle.Kind;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a bundle holds the function that its definition names, without running or loading
 * any of the code. A fault names the part of the form that contains it.
 */
final class BundleCheck {
  /** The longest path that Linux allows. A longer path of a program is refused. */
  private static final int LONGEST_PATH = 4096;

  private static final String FILE = "file";
  private static final String ENTRY = "definition/entry";
  private static final String COMMAND = "definition/command";
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}");
  private static final Pattern MODULE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /**
   * Limit for the source that is searched. In a longer source a named entry is accepted without a
   * search; an entry that is not named is refused.
   */
  private static final long MAX_SOURCE_BYTES = 4 << 20;

  /** The first bytes of executable files, in hex: a script, and programs of Linux and macOS. */
  private static final List<String> PROGRAM_MAGIC =
      List.of("2321", "7f454c46", "cffaedfe", "cafebabe");

  private static final int SHOWN_NAMES = 20;

  private BundleCheck() {}

  /**
   * Returns the file's name without the directories that some clients send with it.
   *
   * @throws Refusal if the rest is no plain file name
   */
  static String fileName(String sent) {
    String name = sent.substring(Math.max(sent.lastIndexOf('/'), sent.lastIndexOf('\\')) + 1);
    if (!FILE_NAME.matcher(name).matches()) {
      throw Refusal.invalid(
          FILE,
          "must have a file name of up to 100 letters, digits, '_', '.', '+' or '-'; with curl:"
              + " -F 'file=@…;filename=name.zip'");
    }
    return name;
  }

  /**
   * Determines the kind of a bundle.
   *
   * @throws Refusal if the runtime does not support this kind of file
   */
  static Kind kind(FunctionDefinition definition, String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    return switch (definition) {
      case Python _ when lower.endsWith(".py") -> Kind.PY;
      case Python _ when lower.endsWith(".zip") -> Kind.ZIP;
      case Python _ -> throw wrongKind("a Python function comes as a .py or a .zip", fileName);
      case JavaClass _ when lower.endsWith(".jar") -> Kind.JAR;
      case JavaClass _ -> throw wrongKind("a Java function comes as a .jar", fileName);
      case Command _ when lower.endsWith(".zip") -> Kind.ZIP;
      case Command _ -> Kind.EXECUTABLE;
    };
  }

  private static Refusal wrongKind(String wanted, String fileName) {
    return Refusal.invalid(
        FILE,
        wanted
            + ", and this is '"
            + fileName
            + "'; send another file, or name it after what it is");
  }

  /**
   * Returns the definition with its bundle, completed by facts from the bundle.
   *
   * @param files the directory with the bundle's files
   * @throws Refusal if the bundle lacks the code that the definition names
   */
  static FunctionDefinition complete(FunctionDefinition definition, Bundle bundle, Path files)
      throws IOException {
    return switch (definition) {
      case Python python -> new Python("", pythonEntry(python.entry(), bundle, files), bundle);
      case JavaClass java -> {
        requireClass(java.className(), files.resolve(bundle.fileName()));
        yield new JavaClass(java.className(), null, null, bundle);
      }
      case Command command ->
          new Command(
              argv(command.argv(), bundle, files), command.protocol(), command.indexed(), bundle);
    };
  }

  // ---- Python

  private static String pythonEntry(String entry, Bundle bundle, Path files) throws IOException {
    int colon = entry.indexOf(':');
    String module = colon < 0 ? "" : entry.substring(0, colon);
    String function = entry.substring(colon + 1);
    if (bundle.kind() == Kind.PY) {
      String own = bundle.fileName().substring(0, bundle.fileName().length() - ".py".length());
      if (!MODULE_NAME.matcher(own).matches()) {
        throw Refusal.invalid(
            FILE,
            "must be named as a Python module, which '"
                + own
                + "' is not; with curl: -F 'file=@…;filename=my_functions.py'");
      }
      if (!module.isEmpty() && !module.equals(own)) {
        throw Refusal.invalid(
            ENTRY,
            "names the module '" + module + "', and the file is '" + bundle.fileName() + "'");
      }
      module = own;
    }
    if (module.isEmpty()) {
      throw Refusal.invalid(
          ENTRY,
          "must be module:function, as a zip may have many modules: my_package.my_module:run");
    }
    @Nullable String code = source(module, bundle, files);
    if (code == null) {
      if (function.isEmpty()) {
        throw Refusal.invalid(
            ENTRY,
            "must name the function, as in module:function: the module is compiled, or its text"
                + " has more than "
                + MAX_SOURCE_BYTES
                + " bytes and is not searched");
      }
    } else if (function.isEmpty()) {
      function = PythonSource.onlyFunctionIn(code, ENTRY);
    } else if (!PythonSource.mayDefine(code, function)) {
      throw Refusal.invalid(ENTRY, "there is no '" + function + "' in the module '" + module + "'");
    }
    return module + ":" + function;
  }

  /**
   * Returns the text of a module; null if the module is compiled, or its text is too long to
   * search.
   *
   * @throws Refusal if the bundle has no such module
   */
  private static @Nullable String source(String module, Bundle bundle, Path files)
      throws IOException {
    String path = module.replace('.', '/');
    if (bundle.kind() == Kind.PY) {
      return text(files.resolve(bundle.fileName()));
    }
    for (String candidate : List.of(path + "/__init__.py", path + ".py")) {
      Path file = files.resolve(candidate);
      if (Files.isRegularFile(file)) {
        return text(file);
      }
    }
    if (!isCompiled(files.resolve(path))) {
      throw Refusal.invalid(
          ENTRY,
          "there is no module '"
              + module
              + "' in the zip: neither "
              + path
              + ".py nor "
              + path
              + "/__init__.py; at its top there are "
              + namesIn(files));
    }
    return null;
  }

  private static @Nullable String text(Path file) throws IOException {
    return Files.size(file) > MAX_SOURCE_BYTES
        ? null
        : new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** Whether the module exists as byte code or native code: {@code m.pyc}, {@code m.abi3.so}. */
  private static boolean isCompiled(Path module) throws IOException {
    Path directory = module.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return false;
    }
    String start = module.getFileName() + ".";
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(each -> each.getFileName().toString())
          .anyMatch(
              name -> name.startsWith(start) && (name.endsWith(".so") || name.endsWith(".pyc")));
    }
  }

  private static List<String> namesIn(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(each -> each.getFileName().toString()).sorted().limit(SHOWN_NAMES).toList();
    }
  }

  // ---- Java

  private static void requireClass(String className, Path jar) throws IOException {
    try (var file = new ZipFile(jar.toFile())) {
      if (file.getEntry(className.replace('.', '/') + ".class") == null) {
        throw Refusal.invalid(
            "definition/class",
            "there is no class '"
                + className
                + "' in the jar; give the full name with its package, and $ before a nested class");
      }
    } catch (ZipException e) {
      throw ZipIndex.refusal("is a jar that cannot be read: " + e.getMessage());
    }
  }

  // ---- executables

  private static List<String> argv(List<String> argv, Bundle bundle, Path files)
      throws IOException {
    var whole = new ArrayList<>(argv);
    if (whole.isEmpty()) {
      if (bundle.kind() == Kind.ZIP) {
        throw Refusal.malformed(
            COMMAND, "is required: the path of the program in the zip, and its arguments");
      }
      whole.add(bundle.fileName());
    }
    String program = whole.getFirst();
    Path file = inside(files, program);
    if (!Files.isRegularFile(file)) {
      throw Refusal.invalid(
          COMMAND + "/0",
          "must be the path of a file in the bundle, and there is no '"
              + program
              + "'; there are "
              + namesIn(files));
    }
    if (!isProgram(file)) {
      throw Refusal.invalid(
          bundle.kind() == Kind.ZIP ? COMMAND + "/0" : FILE,
          "is no program: it must be a native executable, or begin with #! and an interpreter");
    }
    whole.set(0, files.relativize(file).toString());
    return whole;
  }

  private static Path inside(Path files, String program) {
    try {
      // Normalising a path takes time that grows with the square of its length.
      if (program.length() <= LONGEST_PATH) {
        Path file = files.resolve(program).normalize();
        if (file.startsWith(files)) {
          return file;
        }
      }
    } catch (InvalidPathException noPath) {
      // Refused below.
    }
    throw Refusal.invalid(COMMAND + "/0", "must be a relative path that stays inside the bundle");
  }

  private static boolean isProgram(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      String start = HexFormat.of().formatHex(in.readNBytes(4));
      return PROGRAM_MAGIC.stream().anyMatch(start::startsWith);
    }
  }
}
