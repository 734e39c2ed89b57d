-- The keys of MACs from before the host key was replaced, oldest first, sealed under the present one: recovery codes are stored as MACs alone.
CREATE TABLE former_key (
    number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
