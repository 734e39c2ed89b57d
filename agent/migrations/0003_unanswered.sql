-- Questions at a sign-in over SSH that got no person's answer: a program was there, or somebody whose client can't go on.
CREATE TABLE unanswered (
    name TEXT PRIMARY KEY NOT NULL,
    uid  INTEGER NOT NULL,
    time INTEGER NOT NULL
) STRICT;
