-- The hosts of a fleet, at its server. A host is its public key; the name is a label.
CREATE TABLE host (
    number  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id      TEXT NOT NULL UNIQUE,
    pin     TEXT NOT NULL UNIQUE, -- hash of its public key
    name    TEXT NOT NULL,
    team    TEXT NOT NULL,        -- the group that its token named; may be empty
    state   TEXT NOT NULL,        -- "active", "paused" or "revoked"
    joined  INTEGER NOT NULL,
    seen    INTEGER NOT NULL,     -- when it last said that it is there
    version TEXT NOT NULL,        -- of its software
    counter INTEGER NOT NULL      -- of its hellos; one that runs twice is a copied host's
) STRICT;

-- What lets a host join. The token itself is not kept.
CREATE TABLE host_token (
    number  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    secret  BLOB NOT NULL UNIQUE, -- keyed MAC
    uses    INTEGER NOT NULL,     -- how many hosts may still join with it
    pattern TEXT NOT NULL,        -- the names that may; empty for any
    team    TEXT NOT NULL,
    issuer  TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

-- Until when what the owner registered is good for no reset, as it came through a host of the fleet before anything else was registered.
ALTER TABLE registration ADD COLUMN waits INTEGER;
-- That host's id.
ALTER TABLE registration ADD COLUMN via TEXT;
