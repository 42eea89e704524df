"""The language of a text, by py3langid; it leaves decoding to text.py."""

import functools
import re

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
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
