-- Several contacts of one method, authenticator apps, codes on paper and from the help desk, and what administrators do.

ALTER TABLE contact ADD COLUMN preferred INTEGER NOT NULL DEFAULT 0;   -- 1: of several of one method, this one first
ALTER TABLE contact ADD COLUMN usable INTEGER NOT NULL DEFAULT 1;      -- 0: imported, and not confirmed by its owner
ALTER TABLE registration ADD COLUMN language TEXT;                     -- BCP 47 tag of the locale that the person enrolled in

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
    used    INTEGER
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
