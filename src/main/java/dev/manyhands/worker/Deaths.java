package dev.manyhands.worker;

import dev.manyhands.worker.SlotEvent.Cause;
import dev.manyhands.worker.SlotEvent.Death;
import dev.manyhands.worker.WorkerEvent.Gone;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts into words why a worker ended. */
final class Deaths {
  /** What {@link Process#exitValue} adds to the number of the signal that ended a process. */
  private static final int SIGNALLED = 128;

  private static final Map<Integer, String> SIGNALS =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(5, "SIGTRAP"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(9, "SIGKILL"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(14, "SIGALRM"),
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(25, "SIGXFSZ"),
          Map.entry(31, "SIGSYS"));

  /** It ended by itself, with nothing left to do. */
  private static final String EXIT = "exit";

  private static final String CRASH = "crash";

  /** It never came to be a process. */
  static final String NOT_STARTED = "not_started";

  /** The service failed; its log has the cause, which is not for users. */
  static final Death FAULT =
      new Death(
          Cause.FAULT,
          "ServiceFault",
          "the service failed at something that it did for the worker, and killed the worker; the"
              + " log of the service says more",
          null);

  private Deaths() {}

  static Death explain(Worker worker, Gone event) {
    String words = event.lastWords();
    return switch (worker.ending) {
      case TIMEOUT ->
          new Death(
              Cause.TIMEOUT,
              "Timeout",
              "the item ran longer than timeouts.item and its worker was killed"
                  + unanswered(worker),
              words);
      case OOM ->
          new Death(
              Cause.OOM,
              "OutOfMemory",
              "the worker held more than the "
                  + worker.memoryBytes
                  + " bytes that it may, and was killed; ask for more with 'memory'",
              words);
      case CPU ->
          new Death(
              Cause.TIMEOUT,
              "CpuTimeout",
              "the item used more than %s s of processor time, with all that it started, and its worker was killed; timeouts.cpu or manyhands.workers.cpu-time say how much it may"
                  .formatted(worker.cpuTime.toMillis() / 1000.0),
              words);
      case SCRATCH ->
          new Death(
              Cause.CRASH,
              "ScratchFull",
              worker.scratchDetail
                  + ", and it was killed; remove files that are no longer needed, or raise manyhands.workers.scratch",
              words);
      case EXCESS, STOPPED, SHUTDOWN ->
          new Death(Cause.STOPPED, "Stopped", "the worker was told to stop", words);
      case BROKEN ->
          new Death(
              Cause.CRASH,
              "Protocol",
              "the worker broke the worker protocol and was killed: " + worker.brokenDetail,
              words);
      case FAULT -> FAULT;
      case NOT_LOADED ->
          new Death(Cause.CRASH, "Timeout", "the function took too long to load", words);
      case IDLE, ITEMS, RSS ->
          new Death(Cause.STOPPED, "Recycled", "the worker was replaced", words);
      case null -> byItself(event.exitStatus(), words);
    };
  }

  /** A command that answers nothing most often does not flush, or writes other lines. */
  private static String unanswered(Worker worker) {
    String why = worker.process == null ? "" : worker.process.unanswered();
    return why.isEmpty() ? "" : "; " + why;
  }

  /** Who is to blame when a worker ends before its function was loaded, ended for this reason. */
  static StartFault startFault(Worker.@Nullable Ending ending) {
    return switch (ending) {
      case SHUTDOWN -> StartFault.OUTAGE; // the job goes on at the next start of the service
      case FAULT -> StartFault.OUTAGE; // no memory or threads for the moment, say
      case null -> StartFault.PASSING;
      default -> StartFault.FUNCTION;
    };
  }

  private static Death byItself(int status, @Nullable String words) {
    if (status <= SIGNALLED) {
      return new Death(
          Cause.CRASH, "exit " + status, "the worker exited with status " + status, words);
    }
    int signal = status - SIGNALLED;
    String name = SIGNALS.getOrDefault(signal, "signal " + signal);
    return new Death(
        Cause.CRASH, name, "the worker was killed by " + name + " (signal " + signal + ")", words);
  }

  /** The same in one word, for metrics. */
  static String reason(Worker worker, Gone event) {
    if (worker.ending != null) {
      return WorkerPool.lower(worker.ending);
    }
    return worker.sent.isEmpty() && event.exitStatus() == 0 ? EXIT : CRASH;
  }

  /** All words that {@link #reason} has. */
  static List<String> reasons() {
    return Stream.concat(
            Arrays.stream(Worker.Ending.values()).map(WorkerPool::lower),
            Stream.of(EXIT, CRASH, NOT_STARTED))
        .toList();
  }
}
