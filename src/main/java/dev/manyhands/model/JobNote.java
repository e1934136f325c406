package dev.manyhands.model;

/**
 * A fact about a job that the service has seen, and that its user should know.
 *
 * @param detail the first occurrence, see {@link Kind}
 */
public record JobNote(Kind kind, String detail) {

  /** The facts. The names are stored and never change. */
  public enum Kind {
    /**
     * An item had another value than an item with an equal key of the memo. The detail is the index
     * of the item.
     */
    CACHE_DIFFERS,
    /**
     * The code of the function seeds random numbers itself, although the job has a seed. The detail
     * is the call and its line.
     */
    SEEDS_ITSELF,
    /**
     * A command wrote a line that answers no item after the job had ended. The detail shows the
     * line.
     */
    LINE_TOO_MANY
  }
}
