package dev.manyhands.engine.shared;

import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.store.SharedStore;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a set, by name, in the order of their declaration. Guarded by the set.
 *
 * @param page the page of values and locks; null if there are none, or the job has ended
 */
record DeclaredObjects(
    Map<String, SharedObject> declared, Map<String, Held> objects, @Nullable SharedPage page) {
  /** The entry of the store that marks that there is a state. */
  private static final String MARK = "";

  static final DeclaredObjects NONE = new DeclaredObjects(Map.of(), Map.of(), null);

  /**
   * Makes the objects of a set. They have no state yet.
   *
   * @param pages the directory of the pages; null for a job that has ended
   * @throws IOException if the page cannot be made
   */
  static DeclaredObjects make(
      SharedDeclaration set, Room room, Unwritten unwritten, @Nullable Path pages)
      throws IOException {
    Map<String, SharedObject> declared = set.objects();
    boolean hasWords = declared.values().stream().anyMatch(object -> isWord(object.kind()));
    SharedPage page =
        hasWords && pages != null ? SharedPage.create(pages.resolve(set.id() + ".page")) : null;
    Map<String, Held> objects = new LinkedHashMap<>();
    int words = 0;
    for (Map.Entry<String, SharedObject> entry : declared.entrySet()) {
      String name = entry.getKey();
      SharedObject object = entry.getValue();
      int word = SharedPage.wordOf(words);
      words += isWord(object.kind()) ? 1 : 0;
      objects.put(
          name,
          switch (object.kind()) {
            case DICT -> new HeldDict(name, room, unwritten);
            case LIST -> new HeldList(name, room, unwritten);
            case QUEUE -> new HeldQueue(name, room, unwritten, object.size());
            case SEMAPHORE ->
                new HeldPermits(name, room, unwritten, Long.parseLong(object.initial()));
            case VALUE -> {
              var form = HeldWord.Form.of(object.initial());
              yield new HeldWord(name, room, unwritten, form, word, page);
            }
            case LOCK -> new HeldWord(name, room, unwritten, HeldWord.Form.LOCK, word, page);
          });
    }
    return new DeclaredObjects(declared, objects, page);
  }

  private static boolean isWord(SharedKind kind) {
    return kind == SharedKind.VALUE || kind == SharedKind.LOCK;
  }

  SharedKind kindOf(String name) {
    return Objects.requireNonNull(declared.get(name)).kind();
  }

  /** Gives the objects their first state, with an entry that marks that there is a state. */
  void begin(Unwritten unwritten, Room room) {
    unwritten.add(MARK, MARK, 0, new byte[] {'1'});
    room.withoutBounds(this::begin);
  }

  private void begin() {
    declared.forEach((name, object) -> {
      byte[] initial = object.initial().getBytes(StandardCharsets.UTF_8);
      switch (objects.get(name)) {
        case HeldDict dict -> dict.begin(initial);
        case HeldElements elements -> elements.begin(initial);
        case HeldWord word -> word.begin(initial);
        case null, default -> {
          // A semaphore begins with all its permits.
        }
      }
    });
  }

  /** Gives the objects the state that was stored. */
  void restore(List<SharedStore.Entry> stored) {
    for (SharedStore.Entry entry : stored) {
      Held object = objects.get(entry.object());
      if (object != null) {
        object.restore(entry);
      }
    }
  }

  /** Returns the objects as workers get to know them. */
  List<DescribedObject> described() {
    var all = new ArrayList<DescribedObject>();
    declared.forEach((name, object) -> {
      String kind = Word.of(object.kind());
      if (objects.get(name) instanceof HeldWord word) {
        String form = word.form() == HeldWord.Form.LOCK ? null : Word.of(word.form());
        all.add(new DescribedObject(name, kind, form, word.word(), null));
      } else {
        all.add(new DescribedObject(name, kind, null, null, object.size()));
      }
    });
    return all;
  }
}
