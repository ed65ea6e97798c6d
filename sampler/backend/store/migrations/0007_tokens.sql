CREATE TABLE tokens (
    number  $id,
    name    $text NOT NULL,
    hash    $bytes NOT NULL,
    scopes  $text NOT NULL,
    created $int NOT NULL,
    expires $int,
    revoked $int
) $strict;
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked IS NULL;
