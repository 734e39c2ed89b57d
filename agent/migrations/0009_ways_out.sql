-- By which way a message leaves, "email" or "phone": each has room of its own, so that mail that hangs costs no text message.
ALTER TABLE outbox ADD COLUMN method TEXT NOT NULL DEFAULT 'email';
CREATE INDEX outbox_by_way ON outbox (method, next_try);
