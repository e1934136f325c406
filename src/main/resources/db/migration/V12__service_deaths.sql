-- Jobs that were running when the service died, how often, and which of their items ran then while nothing else did. No row: it never was.
CREATE TABLE service_death (
  job_id VARCHAR(36) NOT NULL PRIMARY KEY,
  deaths BIGINT NOT NULL,
  alone_first BIGINT,
  alone_end BIGINT,
  alone_deaths BIGINT
);

-- One row: whether the service that ran last has ended by itself (1), or died (0).
CREATE TABLE service_end (
  id BIGINT NOT NULL PRIMARY KEY,
  by_itself BIGINT NOT NULL
);
