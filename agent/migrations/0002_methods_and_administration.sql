-- Several contacts of one method, authenticator apps, codes on paper and from the help desk, and what administrators do.

ALTER TABLE contact ADD COLUMN preferred INTEGER NOT NULL DEFAULT 0;   -- 1: of several of one method, this one first
ALTER TABLE contact ADD COLUMN usable INTEGER NOT NULL DEFAULT 1;      -- 0: imported, and not confirmed by its owner
ALTER TABLE registration ADD COLUMN language TEXT;                     -- BCP 47 tag of the locale that the person enrolled in
ALTER TABLE registration ADD COLUMN asked INTEGER;                     -- when the person was last asked whether it still holds
ALTER TABLE registration ADD COLUMN checked INTEGER;                   -- when it was last found to be all that is required

UPDATE contact SET preferred = 1 WHERE id IN (SELECT min(id) FROM contact GROUP BY name, method);

-- first_time starts the days in which registration can be put off: NULL as long as the question may never have been seen.
ALTER TABLE invitation RENAME TO invitation_before;
CREATE TABLE invitation (
    name       TEXT PRIMARY KEY NOT NULL,
    uid        INTEGER NOT NULL,
    first_time INTEGER,
    last_time  INTEGER NOT NULL
) STRICT;
INSERT INTO invitation SELECT name, uid, first_time, last_time FROM invitation_before;
DROP TABLE invitation_before;

-- One authenticator app (TOTP, RFC 6238) a person.
CREATE TABLE authenticator (
    id        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- proofs name it, so it never comes twice
    name      TEXT NOT NULL UNIQUE REFERENCES registration (name) ON DELETE CASCADE,
    sealed    BLOB NOT NULL,
    last_step INTEGER NOT NULL, -- the newest time step that was taken; none is taken twice
    created   INTEGER NOT NULL
) STRICT;

-- Recovery codes, each good once.
CREATE TABLE recovery_code (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name    TEXT NOT NULL REFERENCES registration (name) ON DELETE CASCADE,
    code    BLOB NOT NULL, -- keyed MAC
    created INTEGER NOT NULL,
    used    INTEGER,
    seen    INTEGER        -- when the Enter after them came; until then they may never have been on a screen
) STRICT;

CREATE INDEX recovery_code_by_name ON recovery_code (name);

-- Codes that the help desk gave out. A new one takes an old one's place. The person need not be registered.
CREATE TABLE helpdesk_code (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name    TEXT NOT NULL UNIQUE,
    uid     INTEGER NOT NULL,
    code    BLOB NOT NULL, -- keyed MAC
    issuer  TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT;

-- A challenge whose proof is a recovery code, a help-desk code or an app's code names the row that it used up.
ALTER TABLE challenge ADD COLUMN token INTEGER;
-- What its cool-down is for; "way" says what it takes the place of.
ALTER TABLE challenge ADD COLUMN asked BLOB;

-- Whoever need not register where registration is required.
CREATE TABLE exemption (
    name    TEXT PRIMARY KEY NOT NULL,
    uid     INTEGER NOT NULL,
    issuer  TEXT NOT NULL,
    reason  TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- What happened, for "audit" and "report". Never a code, a password or a contact.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at          INTEGER NOT NULL,
    event       TEXT NOT NULL,
    correlation TEXT NOT NULL,
    actor       TEXT NOT NULL,
    account     TEXT NOT NULL,
    service     TEXT NOT NULL,
    source      TEXT NOT NULL,
    outcome     TEXT NOT NULL, -- "success" or "failure"
    reason      TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_account ON audit (account, at);
