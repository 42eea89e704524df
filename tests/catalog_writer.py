"""A process of its own that takes ingests their whole way through a catalog; the test that starts it counts them.

`python -m tests.catalog_writer URL NUMBER`
"""

import asyncio
import sys

from shared.adapters.sql_catalog import SqlCatalog
from tests.sample_ingests import finished

AT_ONCE = 5


async def write(url: str, number: int) -> None:
    async with SqlCatalog.open(url, ("celery:perception",)) as catalog:
        for _ in range(number // AT_ONCE):
            await asyncio.gather(*(finished(catalog) for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
