CREATE TABLE answers (
    scope       $text NOT NULL,
    key         $text NOT NULL,
    fingerprint $bytes NOT NULL,
    status      $int NOT NULL,
    media_type  $text NOT NULL,
    body        $bytes NOT NULL,
    stored      $int NOT NULL,
    PRIMARY KEY (scope, key)
) $strict;
CREATE INDEX answers_stored ON answers (stored);
