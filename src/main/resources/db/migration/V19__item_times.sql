-- When each of these items ran, and in which thread: of jobs with few items; NULL elsewhere, as for all rows of before.
ALTER TABLE outcome ADD COLUMN item_times ${text};
