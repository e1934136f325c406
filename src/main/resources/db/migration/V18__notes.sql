-- What the service has seen of a job and shows in its notes: one of each kind, the first that was seen.
CREATE TABLE job_note (
  job_id ${text} NOT NULL,
  kind   ${text} NOT NULL,
  detail ${text} NOT NULL,
  PRIMARY KEY (job_id, kind)
)${clustered};
