-- When a gateway last refused a code, or could not be reached. A code that is neither accepted nor failed is under way.
ALTER TABLE challenge ADD COLUMN failed INTEGER;
