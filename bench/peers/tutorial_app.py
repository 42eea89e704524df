"""What people write today: FastAPI's tutorial on files, with SHA-256 and, where asked, a Celery task for each upload.

https://fastapi.tiangolo.com/tutorial/request-files/; it keeps no catalog, syncs nothing and leaves limits to others.
Environment: UPLOADS is the folder for the files; BROKER is Celery's broker, empty for no task.
"""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

import aiofiles
from celery import Celery
from fastapi import FastAPI, UploadFile

PIECE_BYTES = 1024 * 1024

uploads = Path(os.environ["UPLOADS"])
broker = os.environ["BROKER"]
celery = Celery("tutorial", broker=broker)
app = FastAPI()


@celery.task
def process(path: str) -> None:
    """Stand for the work on a file; no worker runs in the benchmark."""


@app.get("/ready")
async def ready() -> dict[str, bool]:
    """Say that the app is up."""
    return {"ready": True}


@app.post("/upload")
async def upload(file: UploadFile) -> dict[str, str | int]:
    """Copy the upload into the folder, hashing it on the way."""
    digest, size = hashlib.sha256(), 0
    path = uploads / uuid4().hex
    async with aiofiles.open(path, "wb") as target:
        while piece := await file.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            await target.write(piece)
    if broker:
        process.delay(str(path))
    return {"id": path.name, "size": size, "sha256": digest.hexdigest()}
