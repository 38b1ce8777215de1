"""Parameters as frozen dataclasses that refuse what they do not know.

``build(SyncConfig, {"lr": "1e-4"}, "demo.yaml:sync")`` fails with
``demo.yaml:sync.lr: expected float, got str '1e-4'``.
Unknown, missing and mistyped keys are all named by their dotted path. Nested dataclasses, ``tuple[X, ...]``,
``dict[str, X]``, ``Literal``, ``X | None`` and ``Any`` are understood; nothing else is needed.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from speak.errors import UserError

T = TypeVar("T")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping. Raises UserError when the file is missing, malformed or not a mapping."""
    if not path.is_file():
        raise UserError(f"{path}: no such parameter file; run from the project's root or name another profile")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping of sections at the top level")
    return content


def build(cls: type[T], values: Any, name: str) -> T:
    """Make the dataclass ``cls`` from a YAML mapping.

    Args:
        cls: a dataclass; fields without default must be present in ``values``.
        values: what the YAML parser returned.
        name: dotted name used in error messages.

    Raises:
        UserError: a key is unknown, missing or of the wrong type; the message carries its dotted name.
    """
    if not isinstance(values, Mapping):
        raise UserError(f"{name}: expected a mapping, got {_show(values)}")
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in values:
        if key not in fields:
            raise UserError(f"{name}.{key}: unknown key; known keys are {', '.join(fields)}")
    for key, field in fields.items():
        if key not in values and _required(field):
            raise UserError(f"{name}.{key}: missing")
    try:
        return cls(**{key: convert(hints[key], value, f"{name}.{key}") for key, value in values.items()})
    except ValueError as error:
        raise UserError(f"{name}: {error}") from error


def convert(hint: Any, value: Any, name: str) -> Any:
    """Check ``value`` against a type hint and return it in that type. Raises UserError by dotted name."""
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        return build(hint, value, name)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert_optional(arguments, value, name)
    if origin is typing.Literal:
        if value not in arguments:
            raise UserError(f"{name}: expected one of {', '.join(map(repr, arguments))}, got {value!r}")
        return value
    if origin is tuple:
        return _convert_tuple(arguments, value, name)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise UserError(f"{name}: expected a mapping, got {_show(value)}")
        return {_plain(arguments[0], k, name): convert(arguments[1], v, f"{name}.{k}") for k, v in value.items()}
    return _plain(hint, value, name)


def _convert_optional(arguments: tuple, value: Any, name: str) -> Any:
    if value is None and type(None) in arguments:
        return None
    (inner,) = [argument for argument in arguments if argument is not type(None)]
    return convert(inner, value, name)


def _convert_tuple(arguments: tuple, value: Any, name: str) -> tuple:
    if not isinstance(value, list | tuple):
        raise UserError(f"{name}: expected a list, got {_show(value)}")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(convert(arguments[0], item, f"{name}[{i}]") for i, item in enumerate(value))
    if len(value) != len(arguments):
        raise UserError(f"{name}: expected {len(arguments)} entries, got {len(value)}")
    pairs = enumerate(zip(arguments, value, strict=True))
    return tuple(convert(hint, item, f"{name}[{i}]") for i, (hint, item) in pairs)


def _plain(hint: Any, value: Any, name: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is Path and isinstance(value, str):
        return Path(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise UserError(f"{name}: expected {hint.__name__}, got {_show(value)}")
    return value


def _required(field: dataclasses.Field) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _show(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"
