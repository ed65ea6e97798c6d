CREATE TABLE receipts (
    number     $id,
    at         $int NOT NULL,
    method     $text NOT NULL,
    endpoint   $text NOT NULL,
    path       $text NOT NULL,
    status     $int NOT NULL,
    who        $text,
    reason     $text NOT NULL,
    body       $bytes NOT NULL,
    request_id $text NOT NULL
) $strict;
CREATE INDEX receipts_at ON receipts (at, number);
