package dev.manyhands.intake;

import dev.manyhands.intake.JobRequest.InitializerRequest;
import dev.manyhands.intake.JobRequest.RecycleRequest;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Recycle;
import dev.manyhands.model.Refusal;
import org.jspecify.annotations.Nullable;

/** Reads the options of a job that are about its workers. */
final class WorkerOptions {
  private WorkerOptions() {}

  static @Nullable Initializer initializer(@Nullable InitializerRequest request) {
    if (request == null) {
      return null;
    }
    if (request.entry() == null) {
      throw Refusal.malformed(
          "/initializer/entry", "is required: the name of a function beside the job's function");
    }
    if (request.args() != null && !request.args().isArray()) {
      throw Refusal.malformed(
          "/initializer/args", "must be an array of arguments, such as [\"model.bin\", 3]");
    }
    return new Initializer(request.entry(), request.args() == null ? "[]" : request.args().json());
  }

  static @Nullable Recycle recycle(@Nullable RecycleRequest request) {
    if (request == null) {
      return null;
    }
    if (request.items() == null) {
      throw Refusal.malformed(
          "/recycle/items", "is required: how many items a worker runs before it is replaced");
    }
    return new Recycle(JobOptions.within(request.items(), 1, Long.MAX_VALUE, "/recycle/items"));
  }

  /** Refuses an initializer that the function of the job cannot have. */
  static void check(JobSpec spec) {
    Initializer initializer = spec.initializer();
    if (initializer == null) {
      return;
    }
    FunctionDefinition definition = spec.function().definition();
    if (definition.runtime() == FunctionRuntime.COMMAND) {
      throw Refusal.invalid(
          "/initializer",
          "must be absent for a command, which the service cannot call before the first item; let"
              + " the command prepare itself when it starts");
    }
    if (definition instanceof Python python && python.pickle() != null) {
      throw Refusal.invalid(
          "/initializer",
          "must be absent for a function that is a pickle, beside which there is no other; send"
              + " code, or let the function prepare itself at its first call");
    }
    boolean mayNameModule = definition instanceof Python && definition.bundle() != null;
    boolean isName =
        mayNameModule
            ? FunctionReader.isBundleEntry(initializer.entry())
            : FunctionReader.isIdentifier(initializer.entry());
    if (!isName) {
      throw Refusal.invalid(
          "/initializer/entry",
          switch (definition.runtime()) {
            case JAVA -> "must be the name of a static method of the function's class";
            case PYTHON, COMMAND ->
                mayNameModule
                    ? "must be a function in the function's module, or module:function"
                    : "must be the name of a function in the code";
          });
    }
  }
}
