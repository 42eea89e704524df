"""What both tiers share: the words, the rules and the ports; it leaves HTTP to `api` and Celery tasks to `workers`."""
