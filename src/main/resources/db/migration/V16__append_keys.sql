-- Appends to open jobs under an idempotency key: how many items of the request are stored, their digest, and whether that is all.
CREATE TABLE append_key (
  job_id     ${text} NOT NULL,
  append_key ${text} NOT NULL,
  items      BIGINT NOT NULL,
  digest     ${text} NOT NULL,
  complete   BIGINT NOT NULL,
  PRIMARY KEY (job_id, append_key)
)${clustered};
