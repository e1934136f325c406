package dev.manyhands.intake;

import dev.manyhands.intake.ComparisonRequest.VariantRequest;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.Refusal.Fault;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Variant;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Turns a request for a comparison into a plan. Each variant is checked as a job is checked, so
 * that no variant is refused half way through.
 */
public final class ComparisonReader {
  private static final int MAX_VARIANTS = 64;
  private static final int MAX_ROUNDS = 10;
  private static final int MAX_NAME = 200;

  /** The numbers of threads of the variants for a function that waits; one variant for each. */
  private static final int[] MORE_THREADS = {16, 64};

  /**
   * Three is the smallest number of rounds whose median tolerates one slow round. The first round
   * is slow, because it includes the start of the workers.
   */
  private static final int DEFAULT_ROUNDS = 3;

  private final SpecReader specs;
  private final StrictJson json;
  private final ApiLimits limits;
  private final int slots;

  public ComparisonReader(SpecReader specs, StrictJson json, ApiLimits limits, int slots) {
    this.specs = specs;
    this.json = json;
    this.limits = limits;
    this.slots = slots;
  }

  /**
   * @param job the fields that all jobs of the comparison have in common, as a JSON object
   */
  public record Plan(Comparison comparison, byte[] job) {}

  /**
   * @throws Refusal if a field is invalid
   */
  public Plan read(byte[] body, ComparisonId id, Instant now) {
    JobText outer = whole(body);
    String jobText = outer.fields().put("job", "null");
    var request = json.read(bytes(JobText.object(outer.fields())), ComparisonRequest.class, "");
    if (jobText == null) {
      throw Refusal.malformed("/job", "is required: a job as POST /api/v1/jobs takes it");
    }
    int rounds = request.rounds() == null ? DEFAULT_ROUNDS : request.rounds();
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      throw Refusal.invalid("/rounds", "must be between 1 and " + MAX_ROUNDS);
    }
    JobText text = JobText.take(new JsonScanner(bytes(jobText), limits.json()), "/job");
    var job = new BaseJob(text, id, specs, json);
    JobSpec checked = checked(job, text);
    var asked = request.variants();
    List<Variant> variants = asked == null ? usual(job) : variants(job, asked);
    var comparison =
        new Comparison(
            id,
            checked.name(),
            variants,
            asked == null ? withMoreThreads(job, checked.inputs().count()) : List.of(),
            rounds,
            checked.inputs().count(),
            now,
            ComparisonState.RUNNING,
            null,
            null,
            List.of());
    return new Plan(comparison, bytes(job.common()));
  }

  private JobText whole(byte[] body) {
    // Items are two levels deeper here than in a job. The limits are checked once more when the job
    // is read.
    var inside = limits.json();
    var around =
        new JsonLimits(inside.maxDepth() + 2, inside.maxNumberLength(), limits.maxSpecBytes());
    return JobText.whole(body, around);
  }

  /** Checks the job as it is, and the further rules of a comparison. Then pins its function. */
  private static JobSpec checked(BaseJob job, JobText text) {
    JobSpec checked;
    try {
      checked = job.check(Map.of());
    } catch (Refusal refusal) {
      throw inBody(refusal, "/job", Set.of());
    }
    if (checked.inputs() instanceof Inputs.Open) {
      throw Refusal.invalid("/job/inputs", "must be here: each variant runs all of them");
    }
    if (checked.inputs().count() == 0) {
      throw Refusal.invalid("/job/inputs", "must have an item: there is no time to take");
    }
    if ("true".equals(text.fields().get("cache"))) {
      throw Refusal.invalid("/job/cache", "can only be false: what is cached takes no time");
    }
    job.pin(checked);
    return checked;
  }

  private List<Variant> variants(BaseJob job, List<@Nullable VariantRequest> requests) {
    if (requests.isEmpty() || requests.size() > MAX_VARIANTS) {
      throw Refusal.invalid("/variants", "must be between 1 and " + MAX_VARIANTS);
    }
    var variants = new ArrayList<Variant>();
    var names = new HashSet<String>();
    for (int i = 0; i < requests.size(); i++) {
      String at = "/variants/" + i;
      VariantRequest request = requests.get(i);
      if (request == null) {
        throw Refusal.malformed(at, "must be an object");
      }
      var own = own(request);
      try {
        JobSpec checked = job.check(own);
        String name = name(request, checked, names, at + "/name");
        names.add(name);
        variants.add(job.variant(name, own, checked, slots));
      } catch (Refusal refusal) {
        throw inBody(refusal, at, own.keySet());
      }
    }
    return variants;
  }

  private static Map<String, String> own(VariantRequest request) {
    var own = new LinkedHashMap<String, String>();
    if (request.workers() != null) {
      own.put("workers", request.workers().toString());
    }
    if (request.threads() != null) {
      own.put("threads", request.threads().toString());
    }
    JsonNode chunking = request.chunking();
    if (chunking != null && !chunking.isNull()) {
      own.put("chunking", chunking.toString());
    }
    return own;
  }

  private String name(VariantRequest request, JobSpec checked, Set<String> taken, String at) {
    String name = request.name();
    if (name == null) {
      return VariantName.of(request, checked, slots, taken);
    }
    if (name.isBlank()
        || name.length() > MAX_NAME
        || name.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.invalid(
          at, "must have 1 to " + MAX_NAME + " characters and no control characters");
    }
    if (taken.contains(name)) {
      throw Refusal.invalid(at, "another variant has this name already");
    }
    return JobOptions.withoutHalves(name, at);
  }

  /**
   * Returns the variants that answer the most common questions: do processes help, do threads help,
   * and is the chunk size well chosen. Variants with threads are left out where the function or
   * this service supports none.
   */
  private List<Variant> usual(BaseJob job) {
    String all = Integer.toString(slots);
    String processes = slots == 1 ? "" : slots + " processes, ";
    var usual = new LinkedHashMap<String, Map<String, String>>();
    usual.put("serial", Map.of("workers", "1", "threads", "1"));
    if (slots > 1) {
      usual.put(slots + " processes", Map.of("workers", all, "threads", "1"));
      usual.put(slots + " threads", Map.of("workers", "1", "threads", all));
    }
    usual.put(processes + "chunks of 1", chunked(all, "1"));
    if (job.says("chunking")) {
      // Unless the job sets its chunking, the other variants have automatic chunks already.
      usual.put(processes + "automatic chunks", chunked(all, "\"auto\""));
    }
    return runnable(job, usual);
  }

  /**
   * Returns the variants that are added where the function waits. Most of their threads wait at any
   * time, so the number of threads does not depend on the processors.
   */
  private List<Variant> withMoreThreads(BaseJob job, long items) {
    var more = new LinkedHashMap<String, Map<String, String>>();
    for (int threads : MORE_THREADS) {
      if (threads <= items) {
        more.put(
            threads + " threads", Map.of("workers", "1", "threads", Integer.toString(threads)));
      }
    }
    return runnable(job, more);
  }

  /** Leaves out the variants whose threads the function or this service does not support. */
  private List<Variant> runnable(BaseJob job, Map<String, Map<String, String>> wanted) {
    var variants = new ArrayList<Variant>();
    wanted.forEach((name, fields) -> {
      try {
        variants.add(job.variant(name, fields, job.check(fields), slots));
      } catch (Refusal refusal) {
        if (!refusal.faults().stream().allMatch(fault -> fault.pointer().equals("/threads"))) {
          throw inBody(refusal, "/job", Set.of());
        }
      }
    });
    return variants;
  }

  private static Map<String, String> chunked(String workers, String size) {
    return Map.of(
        "workers", workers, "threads", "1", "chunking", JobText.object(Map.of("size", size)));
  }

  /**
   * Returns the refusal with pointers into the whole body. A pointer leads into the variant for a
   * field that the variant has set, and into the job for all other fields.
   */
  private static Refusal inBody(Refusal refusal, String variant, Set<String> own) {
    var faults =
        refusal.faults().stream()
            .map(fault -> new Fault(inBody(fault.pointer(), variant, own), fault.detail()))
            .toList();
    return new Refusal(refusal.reason(), String.valueOf(refusal.getMessage()), faults);
  }

  private static String inBody(String pointer, String variant, Set<String> own) {
    if (pointer.startsWith("/variants/")) {
      return pointer;
    }
    String[] steps = pointer.split("/", 3);
    return (steps.length > 1 && own.contains(steps[1]) ? variant : "/job") + pointer;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
