"""HTTP/1.1 as uvicorn speaks it, with limits for heads and with bodies that are not copied; `python -m api` uses it."""
