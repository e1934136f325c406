-- One script for SQLite and PostgreSQL; what differs comes in as placeholders:
--   blob       how bytes are called
--   text       text that sorts by its bytes, so that ids sort by time on both
--   clustered  keeps small tables inside their primary key's tree on SQLite
-- Times are microseconds since 1970. Rows with blobs keep them last, so that a query that does not ask for them does
-- not walk through their pages. There are no cascades: a job's rows are removed in slices.

CREATE TABLE job (
  id              ${text} NOT NULL PRIMARY KEY,
  state           ${text} NOT NULL,
  version         BIGINT NOT NULL,
  function_name   ${text} NOT NULL,
  function_digest ${text} NOT NULL,
  runtime         ${text} NOT NULL,
  submitted_at    BIGINT NOT NULL,
  started_at      BIGINT,
  finished_at     BIGINT,
  total           BIGINT NOT NULL,
  succeeded       BIGINT NOT NULL,
  failed          BIGINT NOT NULL,
  skipped         BIGINT NOT NULL,
  chunks          BIGINT NOT NULL,
  work_seconds    DOUBLE PRECISION NOT NULL,
  workers_used    BIGINT NOT NULL,
  stop_reason     ${text},
  error           ${text},
  spec            ${text} NOT NULL
);
CREATE INDEX job_by_state ON job (state, id);
CREATE INDEX job_by_function ON job (function_name, id);
CREATE INDEX job_by_submission ON job (submitted_at);

CREATE TABLE job_label (
  job_id      ${text} NOT NULL,
  label_key   ${text} NOT NULL,
  label_value ${text} NOT NULL,
  PRIMARY KEY (job_id, label_key)
)${clustered};
CREATE INDEX job_label_by_value ON job_label (label_key, label_value, job_id);

CREATE TABLE input_segment (
  job_id      ${text} NOT NULL,
  first_index BIGINT NOT NULL,
  item_count  BIGINT NOT NULL,
  bytes       ${blob} NOT NULL,
  PRIMARY KEY (job_id, first_index)
);

-- One row a chunk. That no two rows of a job overlap is the insert's business: see JobWrites.
CREATE TABLE outcome (
  job_id        ${text} NOT NULL,
  first_index   BIGINT NOT NULL,
  item_count    BIGINT NOT NULL,
  version       BIGINT NOT NULL,
  failed        BIGINT NOT NULL,
  run_seconds   DOUBLE PRECISION NOT NULL,
  read_seconds  DOUBLE PRECISION NOT NULL,
  write_seconds DOUBLE PRECISION NOT NULL,
  worker        BIGINT NOT NULL,
  pid           BIGINT NOT NULL,
  started_at    BIGINT NOT NULL,
  finished_at   BIGINT NOT NULL,
  attempt       BIGINT NOT NULL,
  errors        ${text},
  item_values   ${blob} NOT NULL,
  PRIMARY KEY (job_id, first_index)
);

CREATE TABLE idempotency (
  idempotency_key ${text} NOT NULL PRIMARY KEY,
  fingerprint     ${text} NOT NULL,
  job_id          ${text} NOT NULL,
  created_at      BIGINT NOT NULL
)${clustered};
CREATE INDEX idempotency_by_job ON idempotency (job_id);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE function_version (
  name          ${text} NOT NULL,
  digest        ${text} NOT NULL,
  registered_at BIGINT NOT NULL,
  definition    ${text} NOT NULL,
  PRIMARY KEY (name, digest)
);

CREATE TABLE function_current (
  name   ${text} NOT NULL PRIMARY KEY,
  digest ${text} NOT NULL
)${clustered};
