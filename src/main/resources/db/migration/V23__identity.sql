-- One row: the name of this database, made once at random. A restored backup has the name of the original.
-- Files outside of the database, such as logs of jobs, stand under this name: another database may use the same data directory.
CREATE TABLE identity (
  id   BIGINT NOT NULL PRIMARY KEY,
  name ${text} NOT NULL
);
INSERT INTO identity (id, name) VALUES (1, ${random});
