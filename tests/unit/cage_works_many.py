"""The real work beside the libraries that like to start threads when they are imported."""

from workers.examine import work
from workers.examine.work import answer, rehearse

__all__ = ["answer", "prepare", "rehearse"]


def prepare() -> None:
    """Import them too."""
    import h5py  # noqa: F401, PLC0415
    import numpy as np  # noqa: F401, PLC0415
    import pyarrow.parquet  # noqa: F401, PLC0415

    work.prepare()
