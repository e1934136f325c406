package dev.manyhands.outside.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Makes a jar of the agent's classes. */
public final class AgentJar {
  private AgentJar() {}

  /** Writes the jar into this directory, and returns the option of the JVM that loads it. */
  public static String option(Path directory, String... classes) throws IOException {
    Path jar = directory.resolve("agent.jar");
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", ErrorAgent.class.getName());
    String folder = AgentJar.class.getPackageName().replace('.', '/') + "/";
    Path compiled = Path.of("target", "test-classes").resolve(folder);
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var files = Files.list(compiled)) {
      for (Path file : files.toList()) {
        out.putNextEntry(new ZipEntry(folder + file.getFileName()));
        Files.copy(file, out);
      }
    }
    return "-javaagent:" + jar + "=" + String.join(",", classes);
  }
}
