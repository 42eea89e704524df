"""The benchmark: what receiving costs beside its peers, memory and latency; it leaves judging correctness to tests/."""
