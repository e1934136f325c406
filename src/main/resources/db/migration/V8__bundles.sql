-- Files that functions were uploaded with, by their SHA-256, in parts of a size that a write can carry. A bundle is there when its row is, which comes
-- after its last part; parts without one are what an upload that was cut short has left.
CREATE TABLE bundle_part (
  digest ${text} NOT NULL,
  part   BIGINT NOT NULL,
  bytes  ${blob} NOT NULL,
  PRIMARY KEY (digest, part)
);

CREATE TABLE bundle (
  digest ${text} NOT NULL PRIMARY KEY
)${clustered};

-- Who needs a bundle: a job (by its id) as long as it is there, a function (by its name) as long as it has versions.
CREATE TABLE bundle_need (
  bundle_digest ${text} NOT NULL,
  needed_by     ${text} NOT NULL,
  PRIMARY KEY (bundle_digest, needed_by)
)${clustered};
CREATE INDEX bundle_need_by_owner ON bundle_need (needed_by);
