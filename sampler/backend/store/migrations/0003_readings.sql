-- A sensor and its statistics since they were last cleared: an epoch ends with each clearing.
CREATE TABLE sensors (
    number      $id,
    name        $text NOT NULL UNIQUE,
    epoch       $int NOT NULL DEFAULT 0,
    -- Readings of earlier epochs are deleted: nobody sees them, and what is left of them is cleared away.
    first_epoch $int NOT NULL DEFAULT 0,
    -- Readings from before this hour have expired: their blocks keep their statistics and have no data.
    kept_from   $int NOT NULL DEFAULT 0,
    count       $int NOT NULL DEFAULT 0,
    total       $bytes NOT NULL,
    min         $real NOT NULL,
    max         $real NOT NULL,
    last        $int,
    last_offset $int NOT NULL DEFAULT 0
) $strict;
-- What a commit brought, of all sensors, until it is moved into blocks. Times are ticks, data is last: a row is read up to what is asked for.
CREATE TABLE arrivals (
    number   $id,
    stored   $int NOT NULL,
    readings $int NOT NULL,
    first    $int NOT NULL,
    last     $int NOT NULL,
    data     $bytes NOT NULL
) $strict;
-- Readings of a sensor, an hour (since 1970) and an epoch, with their statistics; number tells the order of arrival.
-- No two blocks hold the same reading: an hour's statistics are the sum over its blocks.
CREATE TABLE blocks (
    sensor $int NOT NULL,
    hour   $int NOT NULL,
    epoch  $int NOT NULL,
    number $int NOT NULL,
    count  $int NOT NULL,
    total  $bytes NOT NULL,
    min    $real NOT NULL,
    max    $real NOT NULL,
    first  $int NOT NULL,
    last   $int NOT NULL,
    data   $bytes,
    PRIMARY KEY (sensor, hour, epoch, number)
) $strict;
CREATE INDEX blocks_kept ON blocks (hour, sensor) WHERE data IS NOT NULL;
-- Hours of several blocks, to be merged when they are over.
CREATE TABLE crowded (
    sensor $int NOT NULL,
    hour   $int NOT NULL,
    epoch  $int NOT NULL,
    PRIMARY KEY (hour, sensor, epoch)
) $strict;
-- Sensors with readings that were deleted, until their blocks are gone.
CREATE TABLE voided (sensor $int PRIMARY KEY) $strict;
