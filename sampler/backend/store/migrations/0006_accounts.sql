CREATE TABLE users (
    number       $id,
    username     $text NOT NULL,
    email        $text NOT NULL,
    email_folded $text NOT NULL UNIQUE,
    password     $text NOT NULL,
    registered   $int NOT NULL,
    disabled     $int
) $strict;
CREATE TABLE sessions (
    session $bytes PRIMARY KEY,
    "user"  $int NOT NULL,
    turn    $int NOT NULL,
    turned  $int NOT NULL,
    expires $int NOT NULL
) $strict;
CREATE INDEX sessions_user ON sessions ("user", turned);
CREATE INDEX sessions_expires ON sessions (expires);
