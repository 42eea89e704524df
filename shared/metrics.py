"""Metrics: each one declared once, with its unit and labels; it leaves serving them to the two tiers.

Labels are bounded: never a filename or an id. Names end in their unit, as Prometheus asks
(https://prometheus.io/docs/practices/naming/).
"""

from prometheus_client import Counter, Gauge, Histogram

_SIZES = [4**n * 1024 for n in range(12)]
_SPEEDS = [2**n * 1024 * 1024 for n in range(-4, 13)]
_PEAKS = [2**n * 1024 * 1024 for n in range(5, 14)]
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

received_bytes = Histogram("hmas_ingest_size_bytes", "Size of a received file", ["way"], buckets=_SIZES)
upload_speed = Histogram(
    "hmas_upload_bytes_per_second", "Speed of one whole upload, first to last byte", buckets=_SPEEDS
)
chunk_speed = Histogram("hmas_chunk_bytes_per_second", "Speed of writing and hashing one chunk", buckets=_SPEEDS)
commit_seconds = Histogram(
    "hmas_receive_commit_seconds", "Last byte to the 2xx: sync, rename, catalog, ring", buckets=_SECONDS
)
active_uploads = Gauge("hmas_active_uploads", "Uploads whose body is being received", multiprocess_mode="livesum")
backlog = Gauge(
    "hmas_backlog_ingests",
    "Received ingests that wait, counted up to WAITING_HIGH: now, and the high and the low watermark",
    ["mark"],
    multiprocess_mode="max",
)
disk_free = Gauge(
    "hmas_disk_free_bytes",
    "Free bytes of the store's disk: now, where uploads are refused (low), where they are admitted again (again)",
    ["mark"],
    multiprocess_mode="max",
)
refusing = Gauge(
    "hmas_refusing_uploads",
    "Whether uploads are refused, because of the backlog or the disk: 1 or 0",
    ["because"],
    multiprocess_mode="max",
)
refused = Counter("hmas_refused_total", "Requests answered with a problem, by code", ["code"])
aborted = Counter("hmas_aborted_total", "Uploads that broke off, by reason", ["reason"])
unrung = Counter("hmas_unrung_total", "Received ingests whose task could not be enqueued at once")

stage_seconds = Histogram("hmas_stage_seconds", "Time in one step of the pipeline", ["step"], buckets=_SECONDS)
verdicts = Counter("hmas_verdicts_total", "Ends of processing, by state and reason", ["state", "reason"])
attempts_failed = Counter("hmas_attempts_failed_total", "Attempts at an ingest that we failed", ["fault"])
previews = Counter("hmas_previews_total", "Previews made, impossible (none) or failed, by kind", ["kind", "outcome"])
lease_expiries = Counter(
    "hmas_lease_expiries_total", "Leases taken back, by cause: the worker is gone, or the time is over", ["cause"]
)
cage_layer = Gauge(
    "hmas_cage_layer", "Whether a layer of the cage is in force: 1 or 0", ["layer"], multiprocess_mode="min"
)
cage_ends = Counter("hmas_cage_ends_total", "Ends of caged children, by question and outcome", ["question", "outcome"])
cage_seconds = Histogram("hmas_cage_seconds", "Life of a caged child with its file", ["question"], buckets=_SECONDS)
cage_peak = Histogram(
    "hmas_cage_peak_bytes", "Peak resident memory of a caged child, with what it shares", ["question"], buckets=_PEAKS
)
delivery_attempts = Counter(
    "hmas_delivery_attempts_total", "Attempts at a delivery, by sink and outcome", ["sink", "outcome"]
)
delivery_seconds = Histogram(
    "hmas_delivery_seconds", "From the event to its delivery, by sink", ["sink"], buckets=_SECONDS
)
rung_again = Counter("hmas_rung_again_total", "Received ingests that the sweeper rang again")
expired_uploads = Counter(
    "hmas_expired_uploads_total",
    "Resumable uploads that ended by time: whole ones, whose sender did not come back, and parts, joined or not",
    ["what"],
)
quarantine_moves = Counter(
    "hmas_quarantine_total",
    "Bytes of rejected files put_away, dropped, brought_back (once an attempt) or ended",
    ["move"],
)
reconciled = Counter(
    "hmas_reconciled_total",
    "What was amiss between disk and catalog: half_written or orphan (removed), not_put_away or not_brought_back "
    "(moved), missing or reappeared (noted)",
    ["found"],
)
