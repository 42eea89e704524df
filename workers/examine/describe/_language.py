"""The language of a text, by py3langid; it leaves decoding to text.py."""

import functools
import mmap
import os
import re

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

WINDOW_CHARACTERS = 4096
MIN_WORDS = 20
MIN_PROBABILITY = 0.9

# Scripts that put no spaces between words count by letters: Thai and Lao, Burmese, Khmer, Japanese and Chinese.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")


def prepare() -> None:
    """Load the model."""
    _identifier()


def language(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language; None where there are too few words or it is not clear."""
    window = text[:WINDOW_CHARACTERS]
    if len(_WORD.findall(window)) < MIN_WORDS:
        return None
    code, probability = _identifier().classify(window)
    # The model also knows languages that have a code of three letters alone, and "zxx" for none.
    return code if len(code) == len("en") and probability >= MIN_PROBABILITY else None


@functools.cache
def _identifier() -> LanguageIdentifier:
    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    weights = np.frombuffer(_mapped(memoryview(loaded.nb_ptc)), loaded.nb_ptc.dtype).reshape(loaded.nb_ptc.shape)
    moves = _mapped(memoryview(loaded.tk_nextmove)).cast(loaded.tk_nextmove.typecode)
    rest = {"tk_output": loaded.tk_output, "tk_row": loaded.tk_row, "norm_probs": True}
    return LanguageIdentifier(weights, loaded.nb_pc, loaded.nb_classes, moves, **rest)


def _mapped(numbers: memoryview) -> memoryview:
    """Keep the bytes of numbers where no fork copies their pages' table: in a file, mapped for this process alone.

    Half of the warm process's memory is this model's. https://man7.org/linux/man-pages/man2/memfd_create.2.html
    """
    file = os.memfd_create("model")
    with os.fdopen(file, "wb", buffering=0) as stream:
        stream.write(numbers)
        return memoryview(mmap.mmap(file, numbers.nbytes, mmap.MAP_PRIVATE, mmap.PROT_READ))
