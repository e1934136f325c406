-- One job run in several ways. The plan is what was asked for; job is what all its jobs have in common, as it was sent.
CREATE TABLE comparison (
  id           ${text} NOT NULL PRIMARY KEY,
  state        ${text} NOT NULL,
  submitted_at BIGINT NOT NULL,
  finished_at  BIGINT,
  problem      ${text},
  plan         ${text} NOT NULL,
  job          ${blob} NOT NULL
);
CREATE INDEX comparison_by_state ON comparison (state, id);

-- A job of a comparison; ending is null while it has not ended.
CREATE TABLE comparison_run (
  comparison_id ${text} NOT NULL,
  run_number    BIGINT NOT NULL,
  variant       BIGINT NOT NULL,
  round         BIGINT NOT NULL,
  job_id        ${text} NOT NULL,
  ending        ${text},
  PRIMARY KEY (comparison_id, run_number)
)${clustered};
