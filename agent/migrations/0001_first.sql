-- Names of accounts that nobody registered are kept as keyed MACs only (people type passwords at the wrong prompt).

CREATE TABLE registration (
    name      TEXT PRIMARY KEY NOT NULL,
    uid       INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    confirmed INTEGER NOT NULL
) STRICT;

CREATE TABLE contact (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- proofs name it, so it never comes twice
    name    TEXT NOT NULL REFERENCES registration (name) ON DELETE CASCADE,
    method  TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    lookup  BLOB NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (name, lookup)
) STRICT;

-- Whoever was asked to register and said "not now".
CREATE TABLE invitation (
    name       TEXT PRIMARY KEY NOT NULL,
    uid        INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time  INTEGER NOT NULL
) STRICT;

-- A code that was sent, or would have been: for an account without that contact the row is a decoy without a destination.
CREATE TABLE challenge (
    id          TEXT PRIMARY KEY NOT NULL,
    account     BLOB NOT NULL,
    purpose     TEXT NOT NULL,
    method      TEXT NOT NULL,
    contact     INTEGER,
    destination BLOB,
    way         BLOB NOT NULL,
    accepted    INTEGER,
    code        BLOB NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    tries_left  INTEGER NOT NULL,
    proved      INTEGER,
    dialogue    TEXT,
    spent       INTEGER,
    voided      INTEGER
) STRICT;

CREATE INDEX challenge_by_account ON challenge (account, purpose, created);
CREATE INDEX challenge_by_expiry ON challenge (expires);

-- What limits count.
CREATE TABLE event (
    id   INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    key  BLOB NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

CREATE INDEX event_by_key ON event (kind, key, at);
CREATE INDEX event_by_time ON event (at);

-- Messages on their way out, sealed; a row goes when its message is accepted, refused for good, or too old.
CREATE TABLE outbox (
    id        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- names messages and orders them, so it never comes twice
    challenge TEXT,
    sealed    BLOB NOT NULL,
    created   INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    next_try  INTEGER NOT NULL,
    attempts  INTEGER NOT NULL,
    counted   INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_by_time ON outbox (next_try);
