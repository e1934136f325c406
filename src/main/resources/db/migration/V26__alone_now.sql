-- 1 for the job whose items run alone now, or ran alone last in the life of this service: only these items are charged for a death.
ALTER TABLE service_death ADD COLUMN alone_now BIGINT NOT NULL DEFAULT 0;
