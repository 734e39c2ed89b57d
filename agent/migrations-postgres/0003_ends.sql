-- Whether a gateway accepts messages is seen at the newest one that it accepted.
CREATE INDEX challenge_by_acceptance ON challenge (method, accepted) WHERE accepted IS NOT NULL;
-- Messages that are too late are found without reading all that wait.
CREATE INDEX outbox_by_end ON outbox (not_after);
-- Rows come and go here all the time, and whoever looks at an end of an index passes those that are gone.
ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE challenge SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE audit SET (autovacuum_vacuum_scale_factor = 0.02);
