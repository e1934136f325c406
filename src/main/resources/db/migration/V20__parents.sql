-- The job that a job tries again, to find the retries of a job. The outline of earlier rows names it, by characters that
-- no text of a user can contain: quotes inside of a JSON string have a backslash before them. Lists read the index only.
ALTER TABLE job ADD COLUMN parent_id ${text};
UPDATE job SET parent_id = SUBSTR(outline, ${position}(outline, '"parent":{"value":"') + 19, 36)
  WHERE outline LIKE '%"parent":{"value":"%';
CREATE INDEX job_by_parent ON job (parent_id, id) WHERE parent_id IS NOT NULL;
