-- IF NOT EXISTS: version 0.1 made these tables without noting that it had.
CREATE TABLE IF NOT EXISTS measurements (
    number   $id,
    device   $text NOT NULL,
    key      $text,
    start    $int NOT NULL,
    "end"    $int NOT NULL,
    min      $real NOT NULL,
    max      $real NOT NULL,
    average  $real NOT NULL,
    quality  $bytes,
    received $int NOT NULL
) $strict;
CREATE UNIQUE INDEX IF NOT EXISTS measurements_identity ON measurements (device, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS measurements_start ON measurements (start, number);
CREATE TABLE IF NOT EXISTS touched (one $int PRIMARY KEY CHECK (one = 1), times $int NOT NULL) $strict;
