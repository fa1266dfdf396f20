"""YAML files of schemas/ to plain mappings, each complaint naming the file and what to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ilo_iati.errors import SpecError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeys(_Loader):  # type: ignore[misc, valid-type]
    """YAML lets a repeated key win silently; a column declared twice must be an error."""


def _no_duplicates(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    repeated = {key for key in keys if keys.count(key) > 1}
    if repeated:
        raise SpecError(f"{node.start_mark.name}: {sorted(map(str, repeated))} declared twice; keep one of them.")
    return dict(zip(keys, (loader.construct_object(value, deep=True) for _, value in node.value), strict=True))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_duplicates)


def read_yaml(path: Path) -> Any:
    """The document of `path`. Raises SpecError when it is missing, not YAML or repeats a key."""
    try:
        with path.open("rb") as stream:
            return yaml.load(stream, _UniqueKeys)  # noqa: S506 - a safe loader with one more check
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file; restore it from the repository.") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{path}: not readable as YAML ({error}); correct the named line.") from error


def require(path: Path, document: Mapping[str, Any], needed: Iterable[str], known: Iterable[str]) -> None:
    """Raises SpecError unless `document` has every `needed` key and no key outside `needed` and `known`."""
    if not isinstance(document, Mapping):
        raise SpecError(f"{path}: a mapping is expected here, found {type(document).__name__}.")
    needed = list(needed)
    missing = [key for key in needed if document.get(key) in (None, "", [], {})]
    if missing:
        raise SpecError(f"{path}: {', '.join(missing)} missing; every such file must state it.")
    unknown = sorted(set(document) - set(needed) - set(known))
    if unknown:
        raise SpecError(f"{path}: unknown key {', '.join(map(str, unknown))}; check the spelling.")
