-- Whose connection ended while an app's picture was shown: their client may be unable to show one, and shows none unasked any more.
CREATE TABLE picture (
    name TEXT PRIMARY KEY NOT NULL,
    uid  INTEGER NOT NULL
) STRICT;
