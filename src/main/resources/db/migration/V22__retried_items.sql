-- The parent's items that the items of a retry try again: a row for each segment of the retry's inputs, with runs of items.
-- The index finds the first item behind a place in the parent. Retries of before have no rows.
CREATE TABLE retried_items (
  job_id      ${text} NOT NULL,
  first_index BIGINT NOT NULL,
  parent_end  BIGINT NOT NULL,
  runs        ${blob} NOT NULL,
  PRIMARY KEY (job_id, first_index)
);
CREATE INDEX retried_items_by_parent ON retried_items (job_id, parent_end);
