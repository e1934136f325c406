package dev.manyhands.intake;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of {@code POST /jobs} as it arrives. The items of an array of inputs go to the
 * store in segments, byte for byte, whatever their number. The rest of the body is small and is
 * kept. Used once, by one thread.
 */
public final class JobBodyReader {
  private final StagedInputs ahead;
  private final ApiLimits limits;
  private final JsonScanner scanner;
  private final BodyMemory.Growth growth;
  private final @Nullable MessageDigest sha256;
  private final ByteArrayOutputStream request = new ByteArrayOutputStream();

  /** Whether an array of inputs came. */
  private boolean isListed;

  /**
   * @param growth asks for memory before the buffer grows
   * @param fingerprinted whether {@link #fingerprint} will be called
   */
  public JobBodyReader(
      JobId id,
      InputStream body,
      BodyMemory.Growth growth,
      boolean fingerprinted,
      JobStore store,
      ApiLimits limits) {
    this.growth = growth;
    this.ahead = new StagedInputs(id, store, limits);
    this.limits = limits;
    InputStream bounded = new BoundedInput(body, limits.maxBodyBytes(), JobBodyReader::tooLarge);
    this.sha256 = fingerprinted ? Sha256.digest() : null;
    this.scanner =
        new JsonScanner(
            sha256 == null ? bounded : new DigestInputStream(bounded, sha256),
            limits.json(),
            growth);
  }

  /**
   * Reads all of the body.
   *
   * @throws Refusal if it is not one JSON object, or too large
   */
  public void read() {
    var members = new ObjectMembers(scanner, "");
    try {
      if (!scanner.take('{')) {
        throw Refusal.malformed("", "the body must be a JSON object");
      }
      request.write('{');
      for (String name = members.next(); name != null; name = members.next()) {
        if (name.equals("inputs") && scanner.peek() == '[') {
          readItems();
        } else {
          // An escaped name is none of the known fields. The check for unknown fields refuses it.
          keep(name);
        }
      }
      if (scanner.peek() != -1) {
        throw Refusal.malformed(
            "",
            "the body must be one JSON object, but goes on behind it (at byte "
                + scanner.offset()
                + "); send a job and its items as lines with Content-Type: application/x-ndjson");
      }
      request.write('}');
    } catch (JsonException e) {
      String pointer = members.pointer();
      boolean inItems = isListed && pointer.equals("/inputs");
      throw refusal(e, inItems ? pointer + "/" + ahead.count() : pointer);
    }
  }

  public static Refusal refusal(JsonException e, String pointer) {
    return switch (e.problem()) {
      case SYNTAX -> Refusal.malformed(pointer, "not valid JSON: " + e.detail());
      case TOO_DEEP, NUMBER_TOO_LONG -> Refusal.malformed(pointer, e.detail());
      case VALUE_TOO_LARGE ->
          Refusal.tooLarge(pointer, e.detail() + "; manyhands.limits.item is the limit of an item");
    };
  }

  private void keep(String name) {
    int start = scanner.valueOfAnySize();
    if (request.size() > 1) {
      request.write(',');
    }
    request.writeBytes(("\"" + name + "\":").getBytes(StandardCharsets.UTF_8));
    request.write(scanner.buffer(), start, scanner.position() - start);
    if (request.size() > limits.maxSpecBytes()) {
      throw Refusal.tooLarge(
          "/" + name,
          "all fields but an array of inputs may have at most "
              + limits.maxSpecBytes()
              + " bytes together");
    }
  }

  private void readItems() {
    isListed = true;
    scanner.expect('[');
    if (scanner.take(']')) {
      return;
    }
    growth.items(true);
    do {
      int start = scanner.value();
      ahead.add(scanner.buffer(), start, scanner.position(), "/inputs");
    } while (scanner.take(','));
    growth.items(false);
    scanner.expect(']');
  }

  /** Drops the segments that were sent ahead, because no job will be made. */
  public void abandon() {
    ahead.abandon();
  }

  /** Returns the job without an array of inputs, as JSON. */
  public byte[] request() {
    return request.toByteArray();
  }

  /** Returns the number of items in the array; null if no array came. */
  public @Nullable Long items() {
    return isListed ? ahead.count() : null;
  }

  /** Returns the items that were not sent ahead; null if there are none. */
  public @Nullable InputSegment lastSegment() {
    return ahead.last();
  }

  /** Waits until all segments that were sent ahead are stored. */
  public void awaitSentAhead() {
    ahead.await();
  }

  /** Returns the digest of the whole body. Called once the body was read. */
  public String fingerprint() {
    return HexFormat.of().formatHex(Objects.requireNonNull(sha256).digest());
  }

  static Refusal tooLarge(long most) {
    return Refusal.tooLarge(
        "",
        "the body has more than "
            + most
            + " bytes (manyhands.limits.body); give numbers as a range, or split the job");
  }
}
