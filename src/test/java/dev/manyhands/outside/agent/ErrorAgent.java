package dev.manyhands.outside.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the classes of a service: each of their methods calls {@link PlannedErrors} first.
 * Listens for plans on a port of loopback, which the agent prints.
 */
public final class ErrorAgent implements ClassFileTransformer {
  private static final ClassDesc ERRORS = ClassDesc.of(PlannedErrors.class.getName());
  private static final MethodTypeDesc PASS =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  /** Begins of the names of the classes. */
  private final List<String> classes;

  private ErrorAgent(List<String> classes) {
    this.classes = classes;
  }

  /**
   * Started by the JVM.
   *
   * @param classes begins of internal names, separated by commas
   */
  public static void premain(String classes, Instrumentation instrumentation) throws IOException {
    instrumentation.addTransformer(new ErrorAgent(List.of(classes.split(","))));
    var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    System.out.println("plans of errors: port " + server.getLocalPort());
    Thread.ofPlatform().daemon().name("plans").start(() -> serve(server));
  }

  private static void serve(ServerSocket server) {
    try (var socket = server.accept();
        var lines =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        var out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "called" -> out.println(String.join(" ", PlannedErrors.called()));
          case "plan" -> {
            PlannedErrors.plan(words[1], Integer.parseInt(words[2]));
            out.println("planned");
          }
          case "end" -> out.println(PlannedErrors.end());
          default -> throw new IOException(line);
        }
      }
    } catch (IOException e) {
      e.printStackTrace();
    }
  }

  @Override
  public byte @Nullable [] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] original) {
    if (classes.stream().noneMatch(name::startsWith)) {
      return null;
    }
    try {
      var file =
          ClassFile.of(
              ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(loader)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      String simple = name.substring(name.lastIndexOf('/') + 1);
      return file.transformClass(
          file.parse(original),
          (type, element) -> {
            if (element instanceof MethodModel method && isChanged(method)) {
              String called = simple + "." + method.methodName().stringValue();
              type.transformMethod(method, MethodTransform.transformingCode(new CallFirst(called)));
            } else {
              type.with(element);
            }
          });
    } catch (RuntimeException | Error e) {
      // The JVM would drop the exception, and the tests would change nothing.
      e.printStackTrace();
      Runtime.getRuntime().halt(3);
      throw e;
    }
  }

  private static boolean isChanged(MethodModel method) {
    return !method.methodName().stringValue().startsWith("<");
  }

  /**
   * Adds the call before the first element of a method.
   *
   * @param method name that the call passes
   */
  private record CallFirst(String method) implements CodeTransform {
    @Override
    public void atStart(CodeBuilder builder) {
      builder.loadConstant(method).invokestatic(ERRORS, "pass", PASS);
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
      builder.with(element);
    }
  }
}
