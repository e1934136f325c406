package dev.manyhands.model;

import dev.manyhands.support.TextBytes;

/**
 * A function that prepares each worker of a job: it runs once in the worker's process, after the
 * code is loaded and before the first item. A worker is used again only by jobs with an equal
 * initializer.
 *
 * @param entry the name of a function beside the job's function: in its code or module, or a static
 *     method of its class; {@code module:function} names another module of a bundle
 * @param args the positional arguments, as a JSON array
 */
public record Initializer(String entry, String args) {

  long textBytes() {
    return TextBytes.of(entry) + TextBytes.of(args);
  }
}
