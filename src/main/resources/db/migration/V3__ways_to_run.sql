-- Results that count towards an early end, items that were remembered, what all results were reduced to, and how large
-- chunks were and why.
ALTER TABLE job ADD COLUMN matched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN cached BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN result ${text};
ALTER TABLE job ADD COLUMN chunk_sizes ${text};
ALTER TABLE outcome ADD COLUMN matched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outcome ADD COLUMN cached BIGINT NOT NULL DEFAULT 0;
-- How long a job is kept after its end; no value: until it is deleted.
ALTER TABLE job ADD COLUMN ttl_micros BIGINT;
CREATE INDEX job_by_expiry ON job (finished_at) WHERE ttl_micros IS NOT NULL;
