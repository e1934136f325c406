-- The failed items of ended jobs by kind and type of their errors, as JSON. A table of its own: a column behind the
-- details of a job would make lists walk through them. Jobs of before have no row.
CREATE TABLE job_failures (
  job_id   ${text} NOT NULL PRIMARY KEY,
  failures ${text} NOT NULL
)${clustered};
