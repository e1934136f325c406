-- Jobs that a job waits for, or takes its inputs from. How one of them ended is in its own row, and here when that row is deleted.
CREATE TABLE dependency (
  job_id    ${text} NOT NULL,
  before_id ${text} NOT NULL,
  is_input  BIGINT NOT NULL,
  ended_as  ${text},
  PRIMARY KEY (job_id, before_id)
)${clustered};
CREATE INDEX dependency_by_before ON dependency (before_id);
