package dev.manyhands.model;

/**
 * The use of a set of shared objects that was created alone.
 *
 * @param name the name that the job gave
 * @param id the set that had the name when the job was accepted
 */
public record SharedSetUse(String name, SharedSetId id) {

  /** Returns the refusal of a job whose set is gone. */
  public Refusal gone() {
    return Refusal.invalid(
        "/sharedSet",
        "the set of shared objects '"
            + name
            + "' is gone: it was deleted, or its 'ttl' is over; create it with PUT"
            + " /api/v1/shared/"
            + name
            + " and name it again");
  }
}
