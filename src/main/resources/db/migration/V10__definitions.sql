-- What functions are made of, once each: by the SHA-256 of the JSON that is stored.
CREATE TABLE function_definition (
  digest     ${text} NOT NULL PRIMARY KEY,
  definition ${text} NOT NULL
);

-- A list of jobs reads the outline; inputs_owner says who may append to open inputs. What may be large comes last: the
-- details, which are the spec without its function, and the result, which moves behind them. The next script, in Java,
-- fills the columns for rows of before and drops the old ones.
ALTER TABLE job ADD COLUMN definition_digest ${text} NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN inputs_owner ${text};
ALTER TABLE job ADD COLUMN outline ${text} NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN details ${text} NOT NULL DEFAULT '';
ALTER TABLE job RENAME COLUMN result TO old_result;
ALTER TABLE job ADD COLUMN result ${text};
ALTER TABLE function_version ADD COLUMN definition_digest ${text} NOT NULL DEFAULT '';
