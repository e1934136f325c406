package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a set, as they were declared.
 *
 * @param owner the only job that uses the set; null for a set that was created alone
 * @param objects by name, in the order of their declaration
 */
public record SharedDeclaration(
    SharedSetId id, @Nullable JobId owner, Map<String, SharedObject> objects) {

  /** Returns the objects that a job declares, or those of the set that it uses. */
  public static SharedDeclaration of(Job job) {
    JobId owner = job.spec().sharedSet() == null ? job.id() : null;
    return new SharedDeclaration(job.sharedSet(), owner, job.spec().shared());
  }

  public static SharedDeclaration of(NamedSet set) {
    return new SharedDeclaration(set.id(), null, set.objects());
  }

  /** Returns the beginning of a message that there is no such object; the names go behind it. */
  public String noObject(String name) {
    return owner == null
        ? "the set has no shared object '" + name + "'; it has "
        : "the job declares no shared object '" + name + "'; it declares ";
  }

  /** Returns the set in words. */
  @Override
  public String toString() {
    return owner == null ? "set " + id : "job " + owner;
  }
}
