package dev.manyhands.http;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Chooses between the usual form of an answer and another one, by the header {@code Accept} (RFC
 * 9110, 12.5.1). Clients that are generated from the contract list all forms of an answer, with the
 * usual form first.
 */
public final class Accepted {
  private Accepted() {}

  /**
   * Returns whether the client prefers the other form: the header gives it a higher quality. With
   * equal quality, the header must name the other form, and not name the usual form before it.
   * Returns false if the header is absent or cannot be read.
   *
   * @param accept the header; null if there is none
   */
  public static boolean prefers(@Nullable String accept, MediaType other, MediaType usual) {
    List<MediaType> ranges = ranges(accept);
    int otherRange = best(ranges, other);
    int usualRange = best(ranges, usual);
    if (otherRange < 0 || ranges.get(otherRange).getQualityValue() == 0) {
      return false;
    }
    if (usualRange < 0) {
      return true;
    }
    MediaType asOther = ranges.get(otherRange);
    MediaType asUsual = ranges.get(usualRange);
    if (asOther.getQualityValue() != asUsual.getQualityValue()) {
      return asOther.getQualityValue() > asUsual.getQualityValue();
    }
    return asOther.isConcrete() && (!asUsual.isConcrete() || otherRange < usualRange);
  }

  private static List<MediaType> ranges(@Nullable String accept) {
    try {
      return MediaType.parseMediaTypes(accept);
    } catch (InvalidMediaTypeException e) {
      return List.of();
    }
  }

  private static boolean isMoreSpecific(MediaType range, MediaType other) {
    return range.removeQualityValue().isMoreSpecific(other.removeQualityValue());
  }

  /** Returns the index of the most specific range that includes the type; negative if none does. */
  private static int best(List<MediaType> ranges, MediaType type) {
    int best = -1;
    for (int i = 0; i < ranges.size(); i++) {
      MediaType range = ranges.get(i);
      if (range.includes(type) && (best < 0 || isMoreSpecific(range, ranges.get(best)))) {
        best = i;
      }
    }
    return best;
  }
}
