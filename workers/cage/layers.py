"""Whether the cage's layers are enough: counted, and held against CAGE_REQUIRED; it leaves them to confinement.py."""

from collections.abc import Iterable

from shared import metrics
from workers.cage.protocol import Layer
from workers.cage.warm_process import CageUnavailable


class CageTooWeak(CageUnavailable):
    """A layer that CAGE_REQUIRED names is missing, or no layer at all."""

    title = "The cage is too weak"


def layers_of(names: Iterable[str]) -> frozenset[Layer]:
    """Return the layers of these names; raise CageTooWeak where one has no such name."""
    if unknown := set(names).difference(Layer):
        raise CageTooWeak(f"CAGE_REQUIRED names {', '.join(sorted(unknown))}; it takes {', '.join(Layer)}.")
    return frozenset(map(Layer, names))


def weigh(level: tuple[Layer, ...], required: frozenset[Layer]) -> None:
    """Expose the layers in force; raise CageTooWeak where a required one is not among them."""
    for layer in Layer:
        metrics.cage_layer.labels(layer).set(layer in level)
    if missing := [layer for layer in Layer if layer in required.difference(level)]:
        raise CageTooWeak(f"CAGE_REQUIRED names {', '.join(missing)}; this machine gives {', '.join(level)}.")
