CREATE TABLE customers (
    number $int PRIMARY KEY,
    name   $text NOT NULL,
    active $int NOT NULL
) $strict;
-- An hour is its first tick since 1970 in UTC.
CREATE TABLE customer_hours (
    customer $int NOT NULL,
    hour     $int NOT NULL,
    valid    $int NOT NULL,
    invalid  $int NOT NULL,
    PRIMARY KEY (customer, hour)
) $strict;
CREATE TABLE blacklisted_addresses (address $text PRIMARY KEY) $strict;
-- The words of an agent, in lower case, with a space between them, are what requests are compared with.
CREATE TABLE blacklisted_agents (
    words   $text PRIMARY KEY,
    written $text NOT NULL
) $strict;
