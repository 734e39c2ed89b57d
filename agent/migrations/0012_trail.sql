-- When a contact was last proved by its owner, and when a code of it was last used; unknown of what was registered before this was noted.
ALTER TABLE contact ADD COLUMN verified INTEGER;
ALTER TABLE contact ADD COLUMN used INTEGER;
ALTER TABLE authenticator ADD COLUMN used INTEGER;

-- Each row of the trail carries a hash that is chained from the row before. Rows without one are chained by the agent, in their order.
ALTER TABLE audit ADD COLUMN salt BLOB;   -- random; gone where the person's data were erased
ALTER TABLE audit ADD COLUMN person BLOB; -- hash of salt, actor, realm, account, source and reason
ALTER TABLE audit ADD COLUMN chain BLOB;  -- hash of the chain before, the rest of the row, and "person"

-- Where the chain begins: the last row that was removed because of its age.
CREATE TABLE audit_anchor (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    row   INTEGER NOT NULL,
    chain BLOB NOT NULL
) STRICT;

CREATE INDEX audit_unchained ON audit (id) WHERE chain IS NULL;
