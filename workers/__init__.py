"""The back room: Celery tasks that process, notify and sweep; it leaves HTTP to the front desk."""
