"""The catalog in memory, for tests that need no database; all is gone with the process."""

from shared.adapters.memory_catalog.catalog import MemoryCatalog

__all__ = ["MemoryCatalog"]
