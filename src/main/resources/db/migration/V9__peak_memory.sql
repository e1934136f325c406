-- The most memory, in bytes, that the worker held while it ran these items; NULL where nobody looked, as for all rows of before.
ALTER TABLE outcome ADD COLUMN peak_rss BIGINT;
