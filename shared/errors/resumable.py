"""Faults of uploads that come in parts (tus 1.0, and the IETF's resumable uploads)."""

import logging

from shared.errors.base import OurError, SenderError


class BadUploadHeader(SenderError):
    """A header of the upload protocol is missing, or no value of its kind."""

    code = "bad_upload_header"
    title = "A header of the upload protocol is wrong"
    remedy = "Send the header that the detail names, as the protocol writes it."


class UnknownChecksum(SenderError):
    """The checksum's algorithm is none of ours, or it is not written as the protocol says."""

    code = "unknown_checksum"
    title = "The checksum cannot be checked"
    remedy = "Use an algorithm of Tus-Checksum-Algorithm, and the checksum in Base64."


class InconsistentLength(SenderError):
    """Two requests say different lengths of the same upload."""

    code = "inconsistent_length"
    title = "The upload's length was said to be another"
    remedy = "Send the length that was declared first, or create a new upload."


class NotJoinable(SenderError):
    """The uploads that a final one names are no complete parts of this caller."""

    code = "not_joinable"
    title = "These uploads cannot be joined"
    remedy = "Create each part with Upload-Concat: partial, complete it, and name its URL."


class UploadComplete(SenderError):
    """The upload has all its bytes."""

    code = "upload_complete"
    title = "The upload is already complete"
    remedy = "Nothing is left to send; the receipt is at the ingest's URL."


class FinalUpload(SenderError):
    """The upload is made of others, and takes no bytes of its own (tus 1.0.0, "Concatenation")."""

    status = 403
    code = "final_upload"
    title = "A final upload takes no bytes"
    remedy = "Append to its parts before they are joined."


class OffsetMismatch(SenderError):
    """The append does not begin where the upload ends."""

    status = 409
    code = "offset_mismatch"
    title = "The upload is at another offset"
    remedy = "Go on from the Upload-Offset of this answer."

    def __init__(self, offset: int, sent: int) -> None:
        super().__init__(f"The upload has {offset} bytes; the request begins at {sent}.")
        self.offset, self.sent = offset, sent

    @property
    def headers(self) -> dict[str, str]:
        """Where to go on."""
        return {"Upload-Offset": str(self.offset)}


class UploadGone(SenderError):
    """The upload expired, was terminated, or broke a rule, and its bytes are gone."""

    status = 410
    code = "upload_gone"
    title = "This upload is no longer there"
    remedy = "Create a new upload."


class UnsupportedVersion(SenderError):
    """The request speaks no version of tus that we do (tus 1.0.0, "Tus-Version")."""

    status = 412
    code = "unsupported_version"
    title = "This version of the tus protocol is not supported"
    remedy = "Send Tus-Resumable with a version of Tus-Version."

    @property
    def headers(self) -> dict[str, str]:
        """The versions that we speak."""
        return {"Tus-Version": "1.0.0"}


class AppendTypeWrong(SenderError):
    """The body of an append has another content type than the protocol's own."""

    status = 415
    code = "append_type_wrong"
    title = "This is not the content type of an append"
    remedy = "Use application/offset+octet-stream (tus) or application/partial-upload (IETF)."


class UploadBusy(OurError):
    """Another request holds the upload and did not let go in time."""

    status = 423
    code = "upload_busy"
    title = "Another request still writes to this upload"
    remedy = "Ask for the offset after Retry-After, and go on from there."
    log_level = logging.INFO
    retry_after = 1.0


class UploadStalled(SenderError):
    """Its sender fell silent, or was too slow, in the middle of an append; what came is kept.

    Clients of tus give an upload up after most 4xx, and go on after this one
    (https://github.com/tus/tus-js-client/blob/main/docs/api.md#onshouldretry).
    """

    status = 423
    code = "upload_stalled"
    title = "The bytes stopped coming"
    remedy = "Ask for the offset, and go on from there."


class ChecksumMismatch(SenderError):
    """The bytes of an append do not hash to its Upload-Checksum; none of them counts (tus 1.0.0, "Checksum")."""

    status = 460
    code = "checksum_mismatch"
    title = "The checksum does not match"
    remedy = "The bytes changed on the way: send them again from the same offset."
