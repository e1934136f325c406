-- What functions have returned for items, by SHA-256 over all that the result depends on. The size is that of key and
-- value together; a row is used when it is made, and, to the minute, when it is found.
CREATE TABLE memo (
  memo_key   ${blob} NOT NULL PRIMARY KEY,
  size       BIGINT NOT NULL,
  used_at    BIGINT NOT NULL,
  item_value ${blob} NOT NULL
);
CREATE INDEX memo_by_use ON memo (used_at);

-- Kept with each write, because counting would read all of it.
CREATE TABLE memo_total (
  entries BIGINT NOT NULL,
  bytes   BIGINT NOT NULL
);
INSERT INTO memo_total (entries, bytes) VALUES (0, 0);
