-- Seconds for which the worker had a processor while it ran these items; NULL where the worker did not report it, and for all rows of before.
ALTER TABLE outcome ADD COLUMN cpu_seconds DOUBLE PRECISION;
