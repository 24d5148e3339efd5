-- The bytes of the messages of one month, version 1.
-- sealed: 0 coming in, 1 complete, -1 dropped (the row stays, so that its
-- number is not given to another message). A chunk's id is message * 2^20 +
-- its number: the pieces of a message lie together without an index. A message
-- with a number that no message ever gets ends the file: it is being removed.

CREATE TABLE meta (
	name TEXT PRIMARY KEY NOT NULL,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE message (
	id INTEGER PRIMARY KEY NOT NULL,
	arrived INTEGER NOT NULL,
	size INTEGER NOT NULL,
	chunks INTEGER NOT NULL,
	sealed INTEGER NOT NULL
) STRICT;

CREATE TABLE chunk (
	id INTEGER PRIMARY KEY NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
