-- What the last sync that came to its end says of accounts whose name several users have there.
ALTER TABLE sync ADD COLUMN doubled TEXT;
