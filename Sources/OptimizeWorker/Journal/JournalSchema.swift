internal import SQLiteKit

/// The tables of the journal.
enum JournalSchema {
    static let migrations = [
        Migration(
            "1 sessions",
            """
            CREATE TABLE sessions (
                id TEXT PRIMARY KEY,
                request BLOB NOT NULL,
                phase TEXT NOT NULL,          -- planning, executing, ended
                started_at INTEGER NOT NULL,  -- microseconds since 1970
                runs INTEGER NOT NULL,        -- how often a worker took it up
                before BLOB,                  -- what was measured before the first step
                result BLOB,
                ended_at INTEGER
            ) WITHOUT ROWID;
            CREATE TABLE steps (
                session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                step BLOB NOT NULL,
                state TEXT NOT NULL,          -- planned, started, ended
                run INTEGER,                  -- the run of the session that ended it
                outcome BLOB,
                PRIMARY KEY (session, number)
            ) WITHOUT ROWID;
            CREATE TABLE items (
                session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                step INTEGER NOT NULL,
                number INTEGER NOT NULL,
                target BLOB NOT NULL,
                bytes INTEGER NOT NULL,
                facts BLOB NOT NULL,
                state TEXT NOT NULL,
                detail TEXT,
                PRIMARY KEY (session, step, number)
            ) WITHOUT ROWID;
            CREATE TABLE outbox (
                session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                sequence INTEGER NOT NULL,
                type TEXT NOT NULL,
                body BLOB NOT NULL,
                is_published INTEGER NOT NULL DEFAULT 0,
                PRIMARY KEY (session, sequence)
            ) WITHOUT ROWID;
            CREATE TABLE cancellations (
                session TEXT PRIMARY KEY,
                requested_by TEXT NOT NULL,
                requested_at INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE positions (name TEXT PRIMARY KEY, offset INTEGER NOT NULL) WITHOUT ROWID;
            """)
    ]
}
