-- Jobs whose inputs are still coming: 1 while more may be appended.
ALTER TABLE job ADD COLUMN inputs_open BIGINT NOT NULL DEFAULT 0;
