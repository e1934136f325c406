-- The small part of a definition, for lists of functions: they read no code. The next script, in Java, fills the column
-- for rows of before.
ALTER TABLE function_version ADD COLUMN outline ${text} NOT NULL DEFAULT '';
