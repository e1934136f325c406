-- The state of the objects that the items of a job share: a row for each entry of an object. The names and the places of
-- entries are chosen by engine.shared. One row with an empty object and an empty key marks that there is a state.
CREATE TABLE shared_entry (
  job_id      ${text} NOT NULL,
  object      ${text} NOT NULL,
  entry_key   ${text} NOT NULL,
  place       BIGINT NOT NULL,
  entry_value ${blob} NOT NULL,
  PRIMARY KEY (job_id, object, entry_key)
);
