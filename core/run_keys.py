"""What runs are grouped and filtered by: the same keys in summary.json, on pages and in W&B."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from core.dotted import Config, find, flatten
from core.reports.privacy import PERSONAL, anonymous, map_strings, redacted

if TYPE_CHECKING:
    import pandas as pd

Keys = dict[str, Any]
Stages = Mapping[str, Sequence[int]]

KEYS: Final = (
    *("project", "method", "dataset", "simulated", "data_hash", "split", "fold", "seed"),
    *("held_out", "git_commit", "dirty", "config_hash", "cell"),
)
"""All of them, in the order in which tables show them; what does not apply is None."""
DEFAULT: Final = "default"
"""The method of a run that asks for nothing but its project's own config."""

_CLASS: Final = re.compile(r"(\w+\.)+[A-Z]\w*")
BETWEEN: Final = " + "
"""Between the parts of a method's name."""

_DRAWS: Final = ("seed", "fold")
_HOW: Final = ("optimizer", "discriminator_optimizer", "scheduler")
_WITHOUT_EFFECT: Final = {"trainer": ("logger",), "data": ("seed", "workers", "cache_dir")}
_STAGES: Final = frozenset({"train", "val", "test"})


def config_keys(project: str, run: str, config: Config, method: str) -> Keys:
    """Return the keys that a run's config tells.

    Args:
        project: The project's name.
        run: Name of the run folder.
        config: The full config.
        method: What `method_of` says.

    Returns:
        `project`, `method`, `dataset` (class of the source and what is selected of it), `split`,
        `fold`, `seed`, `config_hash` (of all but what repetitions of a run differ in) and `cell`.
    """
    data = anonymous(config["data"]["init_args"])
    select = (data.get("select") or {}).items()
    dataset = [_short(data["source"]["class_path"]), *(f"{k}={_short(v)}" for k, v in select)]
    folds = [value for key, value in flatten(data["split"]) if key.rsplit(".", 1)[-1] == "fold"]
    return {
        "project": project,
        "method": method,
        "dataset": " ".join(dataset),
        "split": _said(data["split"]),
        "fold": next(iter(folds), None),
        "seed": config.get("seed_everything"),
        "config_hash": config_hash(config),
        "cell": run if run.startswith("cell-") else None,
    }


def held_out(table: pd.DataFrame, stages: Stages, split: Any) -> str | None:
    """List what the test has and the training has not; None where there is nothing.

    Machines (column `device`), and values of the column that the split goes by; never persons.

    Args:
        table: The source's, one row a sample.
        stages: Stage to rows.
        split: What made them.
    """
    while hasattr(split, "split"):  # one that takes a share of another's
        split = split.split
    names = {"device", getattr(split, "column", "device")}
    columns = sorted(name for name in names if name in table and name not in PERSONAL)
    found = [f"{name} {value}" for name in columns for value in _only_tested(table[name], stages)]
    return ", ".join(found) or None


def method_of(
    overlays: Sequence[str], overrides: Sequence[str], default: Config, stored: str = DEFAULT
) -> str:
    """Name a method as it was asked for: overlays, then options of the model that differ.

    Numbers of optimiser and scheduler say how a method is trained, not which one it is.

    Args:
        overlays: Names or paths of overlays.
        overrides: `--key=value` and `--key value` words of the command line.
        default: The project's own config.
        stored: The method of the run or checkpoint that this one goes on from.

    Returns:
        Such as "unet + network.act=ReLU"; "default" where nothing was asked for.
    """
    before = [] if stored == DEFAULT else stored.split(BETWEEN)
    said = [redacted(name) if re.search(r"[/\\]", name) else name for name in overlays]
    for key, value in _options(overrides):
        of, _, name = key.partition(".")
        own = find(default, key)
        own = own.get("class_path") if isinstance(own, dict) else own
        if of == "model" and name.split(".")[0] not in _HOW and not _same(own, value):
            said.append(f"{name}={_short(value)}")
    return BETWEEN.join(dict.fromkeys([*before, *said])) or DEFAULT


def config_hash(config: Config) -> str:
    """Return 12 hex digits that repetitions share: runs that differ in seed or fold alone.

    Seeds of the source are no repetition's: they make other data.
    """
    kept = {key: value for key, value in config.items() if key != "seed_everything"}
    for part, names in _WITHOUT_EFFECT.items():
        content = kept.get(part, {})
        arguments = content.get("init_args", content)
        kept[part] = {key: value for key, value in arguments.items() if key not in names}
        kept[part]["class_path"] = content.get("class_path")
    kept["data"]["split"] = _without_draws(kept["data"].get("split"))
    text = json.dumps(kept, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield keys and values of `--key=value` and `--key value`."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        key, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--"):
            yield key, value if equals else following


def _without_draws(part: Any) -> Any:
    """Leave seed and fold out of a split, and of the one within it."""
    if not isinstance(part, Mapping):
        return part
    return {key: _without_draws(value) for key, value in part.items() if key not in _DRAWS}


def _only_tested(column: pd.Series[Any], stages: Stages) -> list[str]:
    """Return the values that test rows have and training rows have not."""
    cells = column.astype(str)
    train, test = (set(cells.iloc[list(stages.get(name, ()))]) for name in ("train", "test"))
    return sorted(test - train - _STAGES) if train else []


def _said(part: Config) -> str:
    """Return a class and its arguments in one line, draws left out."""
    words = [
        f"{key}={_short(value)}" if key else _short(value)
        for key, value in flatten(part)
        if key.rsplit(".", 1)[-1] not in _DRAWS and value not in (None, [])
    ]
    return " ".join(words)


def _short(value: Any) -> str:
    """Return a value as text: a class without its room, a path as "<path>"."""
    if isinstance(value, str):
        return value.rsplit(".", 1)[-1] if _CLASS.fullmatch(value) else redacted(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_short, value))}]"
    return str(map_strings(value, redacted))


def _same(own: Any, given: str) -> bool:
    """Whether an option gives the value that is there anyway."""
    try:
        return bool(float(own) == float(given))
    except (TypeError, ValueError):
        return str(own).replace(" ", "") == given.replace(" ", "")
