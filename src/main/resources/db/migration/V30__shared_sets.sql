-- Sets of shared objects that were created alone. The state of their objects is in shared_entry, whose column job_id then
-- has the id of a set. No set has the id of a job.
CREATE TABLE shared_set (
  id         ${text} NOT NULL PRIMARY KEY,
  name       ${text} NOT NULL UNIQUE,
  digest     ${text} NOT NULL,
  objects    ${text} NOT NULL,
  value_form ${text} NOT NULL,
  ttl_micros BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
);

-- The set that a job uses. A set stays as long as an unfinished job names it. The index has only unfinished jobs.
ALTER TABLE job ADD COLUMN shared_set_id ${text};
CREATE INDEX job_by_shared_set ON job (shared_set_id, id)
  WHERE shared_set_id IS NOT NULL AND state IN ('WAITING', 'QUEUED', 'RUNNING');
