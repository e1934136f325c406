package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user that workers run as, if it is not the service's own user. Only root can start processes
 * of another user. Immutable.
 *
 * @param name the name or number of the user
 * @param group the name or number of the group
 */
record WorkerUser(String name, String group) {

  /**
   * Reads a setting.
   *
   * @param text {@code user:group}; null or blank for the service's own user
   * @return null for the service's own user
   * @throws Sandbox.UnavailableException if the text is anything else
   */
  static @Nullable WorkerUser of(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    String[] parts = text.strip().split(":", -1);
    if (parts.length != 2 || !isWord(parts[0]) || !isWord(parts[1])) {
      throw new Sandbox.UnavailableException(
          "manyhands.workers.user must be a user and a group, as in 10002:10002, not '"
              + text
              + "'");
    }
    return new WorkerUser(parts[0], parts[1]);
  }

  private static boolean isWord(String text) {
    return text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*");
  }

  /** Returns arguments of {@code setpriv} that make a process run as this user. */
  List<String> arguments() {
    return List.of("--reuid", name, "--regid", group, "--clear-groups");
  }

  /**
   * Makes the user the owner of a file or directory.
   *
   * @param file a file that nobody but the service can have replaced
   */
  void own(Path file) throws IOException {
    var lookup = FileSystems.getDefault().getUserPrincipalLookupService();
    var view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    view.setGroup(lookup.lookupPrincipalByGroupName(group));
    view.setOwner(lookup.lookupPrincipalByName(name));
  }

  @Override
  public String toString() {
    return name + ":" + group;
  }
}
