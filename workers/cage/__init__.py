"""A process with limits for work on bytes that nobody trusts; it leaves what is worked out to the work itself."""
