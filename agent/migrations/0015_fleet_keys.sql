-- The key that a host announced over a connection of its present key: hash of its public key. The first call with it makes it the present
-- one.
ALTER TABLE host ADD COLUMN next_pin TEXT;
-- The key that the present one replaced. It lets nobody in.
ALTER TABLE host ADD COLUMN past_pin TEXT;
-- Since when the present key counts; if NULL, since the host joined.
ALTER TABLE host ADD COLUMN keyed INTEGER;
-- The pins by which it knows its servers, as it says itself.
ALTER TABLE host ADD COLUMN knows TEXT;

CREATE UNIQUE INDEX host_next_pin ON host (next_pin);
