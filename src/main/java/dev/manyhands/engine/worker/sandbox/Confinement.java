package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a worker inside its {@link Sandbox}. The thread that starts the worker gives up rights
 * first. Then programs of util-linux, and bubblewrap, each set something up and become the next
 * program.
 */
public final class Confinement {
  /** The size of a file system that only holds mount points: one page. */
  private static final long ROOM_FOR_NOTHING = 4096;

  private final Sandbox sandbox;
  private final WorkerLimits limits;

  /**
   * Null where no fence is used, or where bubblewrap hides the data: it cannot mount within a
   * fence.
   */
  private final @Nullable Fence fence;

  /** Whether workers run under a {@link CallFilter}, which bubblewrap and all it starts inherit. */
  private final boolean filtersCalls;

  /** Null for the service's own user. */
  private final @Nullable WorkerUser user;

  /** The directory of the store and of all other directories of the service. */
  private final Path dataDirectory;

  /** The paths in the data directory that workers may read. */
  private final List<Path> readable;

  /**
   * Creates the confinement of all workers. With a fence, also keeps other processes from looking
   * into this one.
   *
   * @param installation the files that the service runs from, which a fence lets workers only read;
   *     null if there is no such directory
   * @throws IOException if the data directory does not exist
   */
  public Confinement(
      Isolation isolation,
      WorkerLimits limits,
      Path dataDirectory,
      List<Path> readable,
      @Nullable Path installation)
      throws IOException {
    this.sandbox = isolation.sandbox();
    this.filtersCalls = isolation.filtersCalls();
    this.user = WorkerUser.of(isolation.user());
    this.limits = limits;
    this.dataDirectory = dataDirectory.toAbsolutePath();
    this.readable = readable.stream().map(Path::toAbsolutePath).toList();
    boolean fenced = sandbox == Sandbox.PROCESS && isolation.hidesDataDirectory();
    this.fence =
        fenced ? new Fence(dataDirectory, this.readable, unchangeable(installation)) : null;
    if (fenced) {
      ServiceMemory.shutOthersOut();
    }
  }

  /**
   * Returns the installation if workers could change it otherwise: its files, or a directory above
   * in which they could put another in its place. The rule costs workers the right to create files
   * in all directories above. Therefore there is no rule for an installation below a directory for
   * everybody, such as {@code /tmp}, nor where all files are another user's.
   */
  static List<Path> unchangeable(@Nullable Path installation) throws IOException {
    if (installation == null) {
      return List.of();
    }
    Path real = installation.toRealPath();
    var files = new ArrayList<Path>();
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      if (Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_WRITE)) {
        return List.of();
      }
      files.add(above);
    }
    files.add(real);
    try (Stream<Path> entries = Files.list(real)) {
      files.addAll(entries.toList());
    } catch (AccessDeniedException unlistable) {
      // Then only the directories count.
    }
    for (Path file : files) {
      if (isChangeable(file)) {
        return List.of(real);
      }
    }
    return List.of();
  }

  /** Returns whether this process may write to the file, or could give itself the right to. */
  private static boolean isChangeable(Path file) throws IOException {
    try {
      return Files.isWritable(file)
          || Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(ownUser());
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** Returns the user of this process. The owner of {@code /proc/self} may be root instead. */
  private static Integer ownUser() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      String line = lines.filter(each -> each.startsWith("Uid:")).findFirst().orElseThrow();
      return Integer.parseUnsignedInt(line.split("\\s+", -1)[2]);
    }
  }

  /**
   * Makes the calling thread give up the rights that the worker which it is about to start must not
   * have. Only for a thread that does nothing else.
   *
   * @param own the worker's directory, and other files that it may write
   */
  public void confineThread(List<Path> own) throws IOException {
    if (fence != null) {
      ServiceMemory.giveUpTheRightToLookIn();
      fence.enclose(own);
    }
    if (filtersCalls) {
      CallFilter.enforce();
    }
  }

  /**
   * Lets the user of workers pass through a directory, and checks that the user can read a file in
   * it.
   *
   * @param directory the directory that holds the directories of workers
   * @param file a file that workers must be able to read
   * @throws IOException if workers cannot read it
   */
  public void letPass(Path directory, Path file) throws IOException {
    if (user == null) {
      return;
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    var arguments = new ArrayList<>(user.arguments());
    arguments.addAll(List.of("--", "test", "-r", file.toString()));
    String fault = Executables.trial("setpriv", arguments.toArray(String[]::new));
    if (fault != null) {
      throw new IOException(
          "the user "
              + user
              + " of manyhands.workers.user cannot read "
              + file
              + "; let it pass all directories above (chmod o+x), or set manyhands.data-dir");
    }
  }

  /**
   * Makes the user of workers the owner of these files of a new worker. Does nothing without such a
   * user.
   */
  public void give(List<Path> files) throws IOException {
    if (user != null) {
      for (Path file : files) {
        user.own(file);
      }
    }
  }

  /**
   * Returns a command that sets up the confinement, and then becomes the worker's command.
   *
   * @param memoryBytes the memory that the worker may hold; 0 for no limit
   * @param own the worker's directory, and other files that it may write
   */
  public List<String> wrap(List<String> command, long memoryBytes, List<Path> own) {
    var whole = new ArrayList<String>();
    add(whole, "setsid");
    if (user != null) {
      // This comes first, because a change of the user removes the signal at the death of the
      // parent.
      var arguments = new ArrayList<>(user.arguments());
      arguments.add("--");
      add(whole, "setpriv", arguments.toArray(String[]::new));
    }
    if (sandbox != Sandbox.NONE) {
      add(whole, "setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--");
      // No limit on processor seconds. RLIMIT_CPU counts over the life of a process: in a warm
      // worker, the last of a thousand honest items would reach the limit. Each child process would
      // also start at zero. ProcessorWatch counts for each item, including all processes that the
      // item has started.
      add(whole, "prlimit", "--core=0");
      limit(whole, "data", memoryBytes);
      limit(whole, "nofile", limits.openFiles());
      limit(whole, "nproc", limits.processes());
      limit(whole, "fsize", limits.fileBytes());
      whole.add("--");
    }
    if (sandbox == Sandbox.NAMESPACE) {
      add(whole, "bwrap", "--unshare-all", "--die-with-parent");
      mount(whole, "--ro-bind", Path.of("/"));
      whole.addAll(List.of("--dev", "/dev", "--proc", "/proc"));
      // Files there are in memory, which no watch counts.
      long room = memoryBytes > 0 ? memoryBytes : limits.scratchBytes();
      empty(whole, "/tmp", room);
      empty(whole, "/dev/shm", room);
      empty(whole, dataDirectory.toString(), ROOM_FOR_NOTHING);
      readable.forEach(directory -> mount(whole, "--ro-bind-try", directory));
      own.forEach(file -> mount(whole, "--bind", file));
      whole.addAll(List.of("--chdir", own.getFirst().resolve("home").toString(), "--"));
    }
    whole.addAll(command);
    return whole;
  }

  private static void add(List<String> whole, String program, String... arguments) {
    // A program that is missing is left out. Without setsid, a worker is still a subprocess, but
    // its grandchildren may outlive it.
    Executables.find(program)
        .ifPresent(path -> {
          whole.add(path.toString());
          whole.addAll(List.of(arguments));
        });
  }

  private static void limit(List<String> whole, String resource, long most) {
    if (most > 0) {
      whole.add("--" + resource + "=" + most);
    }
  }

  private static void empty(List<String> whole, String directory, long roomBytes) {
    if (roomBytes > 0) {
      whole.addAll(List.of("--size", Long.toString(roomBytes)));
    }
    whole.addAll(List.of("--tmpfs", directory));
  }

  private static void mount(List<String> whole, String how, Path directory) {
    whole.addAll(List.of(how, directory.toString(), directory.toString()));
  }
}
