"""Arrays of numbers: chooses the reader of each format; it leaves their numbers unread, and pickles unopened."""

from typing import BinaryIO

from workers.examine.describe import Described, Unreadable, _hdf5, _numpy, _safetensors

KIND = "arrays"


def prepare() -> None:
    """Load what a reader would load on first use."""
    _numpy.prepare()
    _hdf5.prepare()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return names, shapes and types; raise Unreadable where the content breaks its format."""
    match media_type:
        case "application/x-npy" | "application/x-numpy-data":
            return _numpy.describe_npy(file)
        case "application/x-npz":
            return _numpy.describe_npz(file)
        case "application/x-hdf5" | "application/x-hdf" | "application/vnd.hdf5":
            return _hdf5.describe(file)
        case "application/vnd.safetensors" | "application/x-safetensors":
            return _safetensors.describe(file)
    raise Unreadable(f"No reader of arrays reads {media_type}.")
