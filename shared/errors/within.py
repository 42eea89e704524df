"""Faults that never reach a sender."""

import logging

from shared.errors.base import IngestionError


class LeaseLost(IngestionError):
    """Another worker has the ingest now: this one's result must not be written."""

    code = "lease_lost"
    title = "The lease was lost"
    log_level = logging.WARNING


class DuplicateIngest(IngestionError):
    """The idempotency key has already been recorded, with the ingest `existing`."""

    code = "duplicate_ingest"
    title = "The ingest was already recorded"
    log_level = logging.INFO

    def __init__(self, existing: str, fingerprint: str) -> None:
        super().__init__("This Idempotency-Key was already used.")
        self.existing, self.fingerprint = existing, fingerprint


class StoredBytesDiffer(IngestionError):
    """The object store holds other bytes than the receipt says."""

    code = "stored_bytes_differ"
    title = "The stored bytes differ from the receipt"
    log_level = logging.CRITICAL


class StoredBytesMissing(IngestionError):
    """The object store has nothing under the id of a receipt."""

    code = "stored_bytes_missing"
    title = "The stored bytes are not there"
    log_level = logging.CRITICAL


class DeliveryRefused(IngestionError):
    """Perception's sink did not take the event; the text says what it answered."""

    code = "delivery_refused"
    title = "The sink did not take the event"
    log_level = logging.WARNING
