"""tuspyserver as its README teaches it, in an environment of its own. UPLOADS is the folder for the files.

https://github.com/edihasaj/tuspyserver; it computes no digest and syncs nothing.
"""

import os

from fastapi import FastAPI
from tuspyserver import create_tus_router

app = FastAPI()
app.include_router(create_tus_router(prefix="files", files_dir=os.environ["UPLOADS"]))


@app.get("/ready")
async def ready() -> dict[str, bool]:
    """Say that the app is up."""
    return {"ready": True}
