-- Whether a gateway accepts messages is seen at the newest one that it accepted.
CREATE INDEX challenge_by_acceptance ON challenge (method, accepted) WHERE accepted IS NOT NULL;
-- Messages that are too late are found without reading all that wait.
CREATE INDEX outbox_by_end ON outbox (not_after);
