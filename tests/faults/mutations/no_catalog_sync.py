"""SQLite leaves it to the kernel when a commit gets to the disk; the bytes of the files are synced as ever."""

from types import ModuleType


def do_not_wait_for_the_disk(module: ModuleType) -> None:
    """Have the last word in how a connection is set up."""
    prepare = module._prepare_sqlite

    def prepare_without_sync(connection, rest) -> None:
        prepare(connection, rest)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.close()

    module._prepare_sqlite = prepare_without_sync


PATCHES = {"shared.adapters.sql_catalog.database": do_not_wait_for_the_disk}
