"""Looks through the types of an answer for what a caged child could abuse; it leaves values to pydantic."""

from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel, BeforeValidator

from shared.metadata.fields import clean

COLLECTIONS = {tuple, list, dict, set, frozenset}


def unsafe(annotation: Any, about: tuple[Any, ...] = (), where: str = "") -> Iterator[str]:
    """Yield where an annotation lets a string through as it is, or a collection of any length."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from unsafe(field.annotation, tuple(field.metadata), f"{where}.{name}")
    elif origin is Annotated:
        yield from unsafe(inner[0], (*about, *_flattened(inner[1:])), where)
    elif origin in {Union, UnionType}:
        for one in inner:
            yield from unsafe(one, about, where)
    elif origin in COLLECTIONS:
        yield from _of_a_collection(annotation, about, where)
    elif not _harmless(annotation, about):
        yield where


def _of_a_collection(annotation: Any, about: tuple[Any, ...], where: str) -> Iterator[str]:
    inner = get_args(annotation)
    endless = get_origin(annotation) is not tuple or Ellipsis in inner
    if endless and not any(isinstance(each, MaxLen) for each in about):
        yield f"{where} has no bound"
    for one in inner:
        if one is not Ellipsis:
            yield from unsafe(one, (), where)


def _harmless(annotation: Any, about: tuple[Any, ...]) -> bool:
    if annotation is str:
        return any(isinstance(each, BeforeValidator) and each.func is clean for each in about)
    of_few_values = isinstance(annotation, type) and issubclass(annotation, Enum)
    return of_few_values or get_origin(annotation) is Literal or annotation in {int, float, bool, NoneType}


def _flattened(about: tuple[Any, ...]) -> Iterator[Any]:
    """Yield what an annotation says, that within pydantic's `Field` too."""
    for each in about:
        yield from getattr(each, "metadata", (each,))
