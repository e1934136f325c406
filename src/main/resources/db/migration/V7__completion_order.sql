-- How many items of the job were recorded before these: the order in which outcomes were committed, without gaps. Of rows
-- of before nobody knows the order any more; they count in that of their items.
ALTER TABLE outcome ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
UPDATE outcome SET place = before.place
FROM (SELECT job_id, first_index,
             SUM(item_count) OVER (PARTITION BY job_id ORDER BY first_index) - item_count AS place
      FROM outcome) AS before
WHERE outcome.job_id = before.job_id AND outcome.first_index = before.first_index;
CREATE UNIQUE INDEX outcome_by_place ON outcome (job_id, place);
