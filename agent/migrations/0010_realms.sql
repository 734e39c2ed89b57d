-- An account is a realm, a name in it, and an id that tells it from others of that name: for accounts of this host, whose realm is
-- "local", the uid in decimal digits. Rows are numbered where their order or their number counts: no other database has rowids.

CREATE TABLE registration_of_realm (
    number    INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    realm     TEXT NOT NULL,
    name      TEXT NOT NULL,
    id        TEXT NOT NULL,
    created   INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    language  TEXT,    -- BCP 47 tag of the locale that the person enrolled in
    asked     INTEGER, -- when the person was last asked whether it still holds
    checked   INTEGER, -- when it was last found to be all that is required
    UNIQUE (realm, name)
) STRICT;
INSERT INTO registration_of_realm (realm, name, id, created, confirmed, language, asked, checked)
    SELECT 'local', name, CAST(uid AS TEXT), created, confirmed, language, asked, checked FROM registration ORDER BY rowid;

CREATE TABLE contact_of_realm (
    id        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- proofs name it, so it never comes twice
    realm     TEXT NOT NULL,
    name      TEXT NOT NULL,
    method    TEXT NOT NULL,
    sealed    BLOB NOT NULL,
    lookup    BLOB NOT NULL,
    created   INTEGER NOT NULL,
    preferred INTEGER NOT NULL DEFAULT 0, -- 1: of several of one method, this one first
    usable    INTEGER NOT NULL DEFAULT 1, -- 0: imported, and not confirmed by its owner
    UNIQUE (realm, name, lookup),
    FOREIGN KEY (realm, name) REFERENCES registration_of_realm (realm, name) ON DELETE CASCADE
) STRICT;
INSERT INTO contact_of_realm SELECT id, 'local', name, method, sealed, lookup, created, preferred, usable FROM contact;

CREATE TABLE authenticator_of_realm (
    id        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- proofs name it, so it never comes twice
    realm     TEXT NOT NULL,
    name      TEXT NOT NULL,
    sealed    BLOB NOT NULL,
    last_step INTEGER NOT NULL, -- the newest time step that was taken; none is taken twice
    created   INTEGER NOT NULL,
    UNIQUE (realm, name),
    FOREIGN KEY (realm, name) REFERENCES registration_of_realm (realm, name) ON DELETE CASCADE
) STRICT;
INSERT INTO authenticator_of_realm SELECT id, 'local', name, sealed, last_step, created FROM authenticator;

CREATE TABLE recovery_code_of_realm (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    realm   TEXT NOT NULL,
    name    TEXT NOT NULL,
    code    BLOB NOT NULL, -- keyed MAC
    created INTEGER NOT NULL,
    used    INTEGER,
    seen    INTEGER,       -- when the Enter after them came; until then they may never have been on a screen
    FOREIGN KEY (realm, name) REFERENCES registration_of_realm (realm, name) ON DELETE CASCADE
) STRICT;
INSERT INTO recovery_code_of_realm SELECT id, 'local', name, code, created, used, seen FROM recovery_code;

CREATE TABLE helpdesk_code_of_realm (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    realm   TEXT NOT NULL,
    name    TEXT NOT NULL,
    account TEXT NOT NULL, -- the account's id
    code    BLOB NOT NULL, -- keyed MAC
    issuer  TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER,
    UNIQUE (realm, name)
) STRICT;
INSERT INTO helpdesk_code_of_realm
    SELECT id, 'local', name, CAST(uid AS TEXT), code, issuer, created, expires, used FROM helpdesk_code;

-- What was numbered up to now is not numbered again.
DELETE FROM sqlite_sequence WHERE name LIKE '%\_of\_realm' ESCAPE '\' AND name <> 'registration_of_realm';
INSERT INTO sqlite_sequence (name, seq) SELECT name || '_of_realm', seq FROM sqlite_sequence
    WHERE name IN ('contact', 'authenticator', 'recovery_code', 'helpdesk_code');

DROP TABLE contact;
DROP TABLE authenticator;
DROP TABLE recovery_code;
DROP TABLE helpdesk_code;
DROP TABLE registration;
ALTER TABLE registration_of_realm RENAME TO registration;
ALTER TABLE contact_of_realm RENAME TO contact;
ALTER TABLE authenticator_of_realm RENAME TO authenticator;
ALTER TABLE recovery_code_of_realm RENAME TO recovery_code;
ALTER TABLE helpdesk_code_of_realm RENAME TO helpdesk_code;
CREATE INDEX recovery_code_by_name ON recovery_code (realm, name);

CREATE TABLE invitation_of_realm (
    realm      TEXT NOT NULL,
    name       TEXT NOT NULL,
    id         TEXT NOT NULL,
    first_time INTEGER, -- begins the days in which registration can be put off: NULL while the question may never have been seen
    last_time  INTEGER NOT NULL,
    PRIMARY KEY (realm, name)
) STRICT;
INSERT INTO invitation_of_realm SELECT 'local', name, CAST(uid AS TEXT), first_time, last_time FROM invitation;
DROP TABLE invitation;
ALTER TABLE invitation_of_realm RENAME TO invitation;

CREATE TABLE exemption_of_realm (
    realm   TEXT NOT NULL,
    name    TEXT NOT NULL,
    id      TEXT NOT NULL,
    issuer  TEXT NOT NULL,
    reason  TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (realm, name)
) STRICT;
INSERT INTO exemption_of_realm SELECT 'local', name, CAST(uid AS TEXT), issuer, reason, created FROM exemption;
DROP TABLE exemption;
ALTER TABLE exemption_of_realm RENAME TO exemption;

CREATE TABLE unanswered_of_realm (
    realm TEXT NOT NULL,
    name  TEXT NOT NULL,
    id    TEXT NOT NULL,
    time  INTEGER NOT NULL,
    PRIMARY KEY (realm, name)
) STRICT;
INSERT INTO unanswered_of_realm SELECT 'local', name, CAST(uid AS TEXT), time FROM unanswered;
DROP TABLE unanswered;
ALTER TABLE unanswered_of_realm RENAME TO unanswered;

CREATE TABLE picture_of_realm (
    realm TEXT NOT NULL,
    name  TEXT NOT NULL,
    id    TEXT NOT NULL,
    PRIMARY KEY (realm, name)
) STRICT;
INSERT INTO picture_of_realm SELECT 'local', name, CAST(uid AS TEXT) FROM picture;
DROP TABLE picture;
ALTER TABLE picture_of_realm RENAME TO picture;

ALTER TABLE audit ADD COLUMN realm TEXT NOT NULL DEFAULT 'local';

CREATE TABLE challenge_numbered (
    number      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- the newest is the one that was made last, whatever the clock said
    id          TEXT NOT NULL UNIQUE,
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
    voided      INTEGER,
    token       INTEGER, -- the row that a proof by a recovery code, a help-desk code or an app's code used up
    asked       BLOB,    -- what its cool-down is for; "way" says what it takes the place of
    closed_from BLOB,    -- from where it was spent, or what ended it succeeded (keyed MAC): from elsewhere it looks open
    failed      INTEGER  -- when a gateway last refused its code, or could not be reached
) STRICT;
INSERT INTO challenge_numbered (id, account, purpose, method, contact, destination, way, accepted, code, created, expires,
                                tries_left, proved, dialogue, spent, voided, token, asked, closed_from, failed)
    SELECT id, account, purpose, method, contact, destination, way, accepted, code, created, expires,
           tries_left, proved, dialogue, spent, voided, token, asked, closed_from, failed FROM challenge ORDER BY rowid;
DROP TABLE challenge;
ALTER TABLE challenge_numbered RENAME TO challenge;
CREATE INDEX challenge_by_account ON challenge (account, purpose, created);
CREATE INDEX challenge_by_expiry ON challenge (expires);
