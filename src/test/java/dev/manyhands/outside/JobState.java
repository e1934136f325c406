package dev.manyhands.outside;

/** The states of a job, as the contract spells them. A renamed constant of the service shows. */
enum JobState {
  WAITING,
  QUEUED,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED
}
