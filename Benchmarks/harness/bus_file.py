"""What is in the embedded bus, read from its file: the word of the load generator is not taken for it."""

import sqlite3
from pathlib import Path


def count_records(state_folder: Path, topic: str) -> int:
    """How many records were ever appended to a topic."""
    connection = sqlite3.connect(f"file:{state_folder / 'bus.db'}?mode=ro", uri=True)
    try:
        row = connection.execute(
            "SELECT sum(next_offset) FROM partitions JOIN topics ON topics.id = partitions.topic WHERE name = ?", [topic]
        ).fetchone()
        return row[0] or 0
    finally:
        connection.close()
