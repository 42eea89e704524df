"""Archives: what is told of them; it leaves reading them to workers/examine."""

from typing import Annotated, Literal

from pydantic import Field

from shared.metadata.fields import Count, Measure, Model, Text, cut

MAX_ENTRY_NAMES = 32

Name = Annotated[Text, cut(255)]
Names = Annotated[tuple[Name, ...], Field(max_length=MAX_ENTRY_NAMES)]


class ArchiveMetadata(Model):
    """Files packed into one; where its directory cannot be read, hardly more than the format is told."""

    kind: Literal["archive"] = "archive"
    format: Text = Field(description="zip, tar, gz, bz2, xz, zst, 7z, rar, or tar.gz and its like")
    packed_bytes: Count = Field(description="Size of the archive itself")
    unpacked_bytes: Count | None = Field(None, description="Size of all entries together when unpacked")
    unpacked_is: Literal["counted", "declared", "at_least"] | None = Field(
        None,
        description="Whether unpacked_bytes was counted, is the archive's own claim, or a lower bound "
        "because counting stopped at its bound or entries could not be read; entries are a lower bound then too",
    )
    ratio: Measure | None = Field(None, description="Unpacked to packed bytes")
    encrypted: bool = Field(description="Whether any entry, or the directory, needs a password")
    multi_volume: bool = Field(description="Whether it is one of several volumes")
    entries: Count | None = Field(None, description="Number of files, folders and links")
    files: Count | None = Field(None, description="Number of files; hard links are among them")
    folders: Count | None = Field(None, description="Number of folders that have an entry of their own")
    symlinks: Count | None = Field(None, description="Number of symbolic links; all lead to places inside")
    nested: Count | None = Field(
        None, description="Number of entries that are archives by their first bytes, or their extension in 7z and rar"
    )
    depth: Count | None = Field(None, description="Steps in the longest path; 1 where nothing lies in a folder")
    comment: bool | None = Field(None, description="Whether it carries a comment")
    names: Names = Field((), description="The first 32 names, each cut to 255 bytes")
