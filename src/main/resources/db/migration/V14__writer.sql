-- One row: the service that may write, by a random number that it chose at its start; 0: none yet.
-- Each group of writes locks it, so that a service that was replaced commits nothing any more. Only PostgreSQL needs it.
CREATE TABLE writer (
  id BIGINT NOT NULL PRIMARY KEY,
  owner BIGINT NOT NULL
);
INSERT INTO writer (id, owner) VALUES (1, 0);

-- The mark of the group that was committed last, so that a commit without an answer can be looked up.
-- A row of its own for each group, since a row that is updated for each is slow to find while somebody holds an old snapshot (a backup).
CREATE TABLE writer_mark (
  mark BIGINT NOT NULL PRIMARY KEY
);
