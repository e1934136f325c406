package dev.manyhands.engine.worker.sandbox;

import dev.manyhands.support.DirectoryHandle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * Rules for Landlock (Linux 5.13, {@code landlock(7)}). A thread puts itself and all that it starts
 * under the rules, for ever and without privileges. A rule allows access at a path and below. A set
 * of rules controls some kinds of access, and refuses what no rule allows. {@link #ofChanges}
 * controls changes of files only. A process under rules can neither trace a process outside nor
 * look into it. Linux 6.12 also forbids signals to processes outside, except under {@link
 * #ofChanges}.
 *
 * <p>For one thread. Close it after use.
 */
public final class Landlock implements AutoCloseable {
  private static final int CREATE_RULESET = 444;
  private static final int ADD_RULE = 445;
  private static final int RESTRICT_SELF = 446;
  private static final int OPENAT2 = 437;

  private static final int GET_VERSION = 1;
  private static final int PATH_BENEATH = 1;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final long O_PATH_CLOEXEC = 0x200000 | 0x80000;
  private static final long RESOLVE_NO_SYMLINKS = 4;

  /** Rights on files and directories, as the kernel numbers them. */
  private static final long WRITE_FILE = 1 << 1;

  private static final long READ_FILE = 1 << 2;
  private static final long READ_DIR = 1 << 3;

  /** The rights from removing directories to making symbolic links. */
  private static final long CHANGE_DIR = 0x1ff << 4;

  /** The right to move and link files from one directory to another; from Linux 5.19. */
  private static final long REFER = 1 << 13;

  /** The right to truncate files; from Linux 6.2. */
  private static final long TRUNCATE = 1 << 14;

  /** Forbids signals to processes that are not under these rules; from Linux 6.12. */
  private static final long NO_SIGNALS_TO_OTHERS = 1 << 1;

  private static final long ANY_FILE = READ_FILE | WRITE_FILE | TRUNCATE;

  /** The encoding of file names. */
  static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding"));

  private final Arena arena = Arena.ofConfined();
  private final long handled;
  private final int ruleset;

  /** The attribute of one rule: eight bytes of access and four of file, without a gap. */
  private final MemorySegment rule = arena.allocate(12, 8);

  /** Rights that a rule can allow at a path. */
  enum Access {
    READ,
    ALL
  }

  /**
   * Creates rules that control reading and changing files, and signals. They allow nothing yet.
   *
   * @throws IOException if this system has no Landlock
   */
  Landlock() throws IOException {
    this(READ_FILE | READ_DIR, NO_SIGNALS_TO_OTHERS);
  }

  /** Creates rules that control changes of files, and the given rights besides. */
  private Landlock(long besidesChanges, long scopes) throws IOException {
    int version = version();
    handled = changes(version) | besidesChanges;
    // Files, network, processes.
    var all = arena.allocateFrom(ValueLayout.JAVA_LONG, handled, 0, scopes);
    long bytes = version >= 6 ? all.byteSize() : Long.BYTES;
    ruleset = check(call(CREATE_RULESET, all.address(), bytes, 0), "landlock_create_ruleset");
  }

  /**
   * Creates rules for a thread that may read all files that it could read before, and change only
   * allowed files. Modes and times of files are not controlled.
   *
   * @throws IOException if this system has no Landlock
   */
  public static Landlock ofChanges() throws IOException {
    return new Landlock(0, 0);
  }

  /** Returns whether rules can allow to move files from one directory to another. */
  public static boolean knowsMoves() {
    return version() >= 2;
  }

  /**
   * Returns the version of Landlock here; 0 for none. Truncating files is controlled from version
   * 3.
   */
  public static int version() {
    return SystemCalls.areThere() ? Math.max(0, call(CREATE_RULESET, 0, 0, GET_VERSION)) : 0;
  }

  private static long changes(int version) {
    long oldest = WRITE_FILE | CHANGE_DIR;
    return oldest | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0);
  }

  /**
   * Allows access to the path and below. Does nothing for a symbolic link, which is not followed,
   * nor for a missing file.
   *
   * @throws IOException if the rule cannot be made
   */
  void allow(Path path, Access access) throws IOException {
    int opened = open(path);
    if (opened < 0) {
      return;
    }
    try {
      long wanted = access == Access.READ ? READ_FILE | READ_DIR : handled;
      int added = add(opened, wanted);
      // A file that is no directory can only have the rights of files.
      int done = added == -SystemCalls.EINVAL ? add(opened, wanted & ANY_FILE) : added;
      check(done, "landlock_add_rule");
    } finally {
      SystemCalls.close(opened);
    }
  }

  /**
   * Allows all access to an open directory and below.
   *
   * @throws IOException if the rule cannot be made
   */
  public void allowAll(DirectoryHandle directory) throws IOException {
    check(add(directory.descriptor(), handled), "landlock_add_rule");
  }

  /** Opens a path for a rule; negative if there is nothing to allow. */
  private int open(Path path) throws IOException {
    try (var names = Arena.ofConfined()) {
      byte[] name = path.toString().getBytes(NAMES);
      var text = names.allocate(name.length + 1L);
      MemorySegment.copy(name, 0, text, ValueLayout.JAVA_BYTE, 0, name.length);
      var how = names.allocateFrom(ValueLayout.JAVA_LONG, O_PATH_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
      int opened = SystemCalls.call(OPENAT2, -1, text.address(), how.address(), how.byteSize());
      return switch (-opened) {
        case SystemCalls.ENOENT, SystemCalls.EACCES, SystemCalls.ELOOP -> opened;
        default -> check(opened, "openat2 of " + path);
      };
    }
  }

  private int add(int opened, long access) {
    rule.set(ValueLayout.JAVA_LONG, 0, access);
    rule.set(ValueLayout.JAVA_INT, 8, opened);
    return SystemCalls.call(ADD_RULE, ruleset, PATH_BENEATH, rule.address(), 0);
  }

  /**
   * Puts the calling thread under these rules.
   *
   * @throws IOException if the system refuses; the thread's rights are then unchanged
   */
  public void enforce() throws IOException {
    check(SystemCalls.control(PR_SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)");
    check(call(RESTRICT_SELF, ruleset, 0, 0), "landlock_restrict_self");
  }

  private static int call(int number, long first, long second, long third) {
    return SystemCalls.call(number, first, second, third, 0);
  }

  private static int check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + " fails with error " + -result);
    }
    return result;
  }

  @Override
  public void close() {
    SystemCalls.close(ruleset);
    arena.close();
  }
}
