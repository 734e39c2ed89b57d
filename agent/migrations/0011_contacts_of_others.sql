-- Who vouched for a contact that its owner neither registered nor confirmed: "import" an administrator, "directory" the directory,
-- "entra" Microsoft Entra.
ALTER TABLE contact ADD COLUMN source TEXT;

-- What a directory last said of contacts, as keyed MACs alone: the contact itself is put among the others once it may be used.
CREATE TABLE synced (
    number  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    realm   TEXT NOT NULL,
    name    TEXT NOT NULL,
    id      TEXT NOT NULL,
    method  TEXT NOT NULL,
    lookup  BLOB NOT NULL,
    since   INTEGER NOT NULL, -- when it was seen first
    told    INTEGER NOT NULL, -- 1: the contacts that were registered then were notified
    entered INTEGER NOT NULL, -- 1: it was put among the contacts; if it is not there any more, its owner removed it
    seen    INTEGER NOT NULL, -- the number of the last sync that found it
    UNIQUE (realm, name, method)
) STRICT;

CREATE TABLE sync (
    realm    TEXT PRIMARY KEY NOT NULL,
    number   INTEGER NOT NULL, -- of the last one that was begun
    tried    INTEGER NOT NULL, -- when that was
    done     INTEGER,          -- when one last came to its end
    people   INTEGER NOT NULL, -- how many it found then
    contacts INTEGER NOT NULL, -- how many contacts of theirs
    held     TEXT,             -- why it erased nothing then
    failed   TEXT              -- why the last one did not come to its end
) STRICT;
