-- One message a job, kept until the job is deleted. The secret and the body go when the last attempt was made.
CREATE TABLE callback_delivery (
  job_id          ${text} NOT NULL PRIMARY KEY,
  state           ${text} NOT NULL,
  url             ${text} NOT NULL,
  attempts        BIGINT NOT NULL,
  next_attempt_at BIGINT,
  secret          ${text},
  body            ${blob}
);
CREATE INDEX callback_delivery_by_time ON callback_delivery (state, next_attempt_at);

CREATE TABLE callback_attempt (
  job_id     ${text} NOT NULL,
  attempt    BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  seconds    DOUBLE PRECISION NOT NULL,
  status     BIGINT,
  error      ${text},
  PRIMARY KEY (job_id, attempt)
)${clustered};
