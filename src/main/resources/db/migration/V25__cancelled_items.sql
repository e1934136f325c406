-- Items that a user has cancelled while their job runs, in ranges that do not overlap. They have no outcome and will have none.
CREATE TABLE cancelled_items (
  job_id      ${text} NOT NULL,
  first_index BIGINT NOT NULL,
  end_index   BIGINT NOT NULL,
  PRIMARY KEY (job_id, end_index)
)${clustered};
