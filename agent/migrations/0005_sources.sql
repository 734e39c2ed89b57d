-- Where a failed proof came from. A success takes its own source's failures back, and for other sources they count on: what a
-- stranger has used up must not tell that the owner was here.
ALTER TABLE event ADD COLUMN source BLOB;                        -- keyed MAC, of failures
ALTER TABLE event ADD COLUMN forgiven INTEGER NOT NULL DEFAULT 0; -- 1: after it, its source succeeded

-- From where a challenge was spent, or what ended it succeeded (keyed MAC): from everywhere else it looks open until it is too old.
ALTER TABLE challenge ADD COLUMN closed_from BLOB;
