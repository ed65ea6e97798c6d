-- What users' sensors measured. A row belongs to a batch if its request came in several commits; else batch is 0.
CREATE TABLE environment (
    number      $int PRIMARY KEY,
    batch       $int NOT NULL,
    "user"      $int NOT NULL,
    sensor      $text NOT NULL,
    time        $int NOT NULL,
    temperature $real NOT NULL,
    humidity    $real NOT NULL,
    pressure    $real NOT NULL
) $strict;
-- With the batch, so that rows are counted from the index alone.
CREATE INDEX environment_time ON environment ("user", time, number, batch);
CREATE INDEX environment_sensor ON environment ("user", sensor, time, number, batch);
-- Batches that are still coming in, or never were whole: nobody sees their rows. `last` is the number of the last one.
CREATE TABLE environment_unfinished (
    batch   $int PRIMARY KEY,
    last    $int NOT NULL,
    touched $int NOT NULL
) $strict;
-- The last number that a row or batch was given.
CREATE TABLE environment_numbers (one $int PRIMARY KEY CHECK (one = 1), last $int NOT NULL) $strict;
