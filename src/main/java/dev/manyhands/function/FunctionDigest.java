package dev.manyhands.function;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.support.DigestedText;
import dev.manyhands.support.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a function by a SHA-256 digest of its whole definition. Any change makes another
 * function. A later addition to definitions is left out where it is not used: digests that earlier
 * versions have stored stay valid. A jar or bundle counts by its content, not by its file name.
 */
public final class FunctionDigest {
  private FunctionDigest() {}

  /** Returns {@code sha256:} and 64 hex digits. */
  public static String of(FunctionDefinition definition) {
    var fields = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(fields)) {
      write(out, definition.runtime().label());
      switch (definition) {
        case FunctionDefinition.Python python -> {
          write(out, python.code());
          write(out, python.entry());
          if (python.pickle() != null) { // without a pickle, the digest is as it was
            write(out, "pickle");
            write(out, python.pickle());
          }
          if (!python.modules().isEmpty()) { // without modules, the digest is as it was
            write(out, "modules");
            for (var module : python.modules().entrySet()) {
              write(out, module.getKey());
              write(out, module.getValue());
            }
          }
        }
        case FunctionDefinition.JavaClass java -> {
          write(out, java.className());
          write(out, java.jar() == null ? null : java.jarDigest());
        }
        case FunctionDefinition.Command command -> {
          write(out, command.protocol().name());
          writeAll(out, command.argv());
          if (command.indexed()) { // without the option, the digest is as it was
            write(out, "indexed");
          }
        }
      }
      var bundle = definition.bundle();
      if (bundle != null) { // without a bundle, the digest is as it was
        write(out, bundle.kind().label());
        write(out, bundle.digest());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "sha256:" + HexFormat.of().formatHex(Sha256.digest().digest(fields.toByteArray()));
  }

  /** Writes a field with its length before it, so that no two definitions have equal bytes. */
  private static void write(DataOutputStream out, @Nullable String field) throws IOException {
    if (field == null) {
      out.writeInt(-1);
    } else {
      byte[] bytes = DigestedText.of(field);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  private static void writeAll(DataOutputStream out, List<String> fields) throws IOException {
    out.writeInt(fields.size());
    for (String field : fields) {
      write(out, field);
    }
  }
}
