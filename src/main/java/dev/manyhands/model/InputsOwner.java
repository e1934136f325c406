package dev.manyhands.model;

/** Names the only source that may add items to a job with open inputs, and close them. */
public enum InputsOwner {
  /** Clients, by one request after the other. */
  CLIENT,
  /** The request that submitted the job. */
  UPLOAD,
  /** The service, which copies the results of another job. */
  FEED
}
