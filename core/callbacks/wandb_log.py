"""Weights & Biases as a mirror of a run: offline by default, private, and never fatal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, ParamSpec

from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.pytorch.loggers import Logger
from lightning.pytorch.loggers.logger import DummyLogger
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn

from core.reports.privacy import anonymous, map_strings, redacted
from core.run_keys import KEYS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Mode = Literal["auto", "online", "offline"]
Arguments = ParamSpec("Arguments")

_START_TIMEOUT_S: Final = 5.0
_FINISH_TIMEOUT_S: Final = 15.0
_STEP: Final = "trainer/global_step"

# By default W&B records command line, working directory, host, user, git remote, printed lines and
# installed packages; any of them may carry a patient's name.
_PRIVATE: Final[dict[str, Any]] = {
    "console": "off",
    "disable_git": True,
    "disable_job_creation": True,
    "host": "redacted",
    "save_code": False,
    "x_disable_meta": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}


def _harmless(
    method: Callable[Concatenate[WandbLog, Arguments], None],
) -> Callable[Concatenate[WandbLog, Arguments], None]:
    """Make a method's first failure a warning, and every later call do nothing."""

    @wraps(method)
    def guarded(self: WandbLog, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        if self.failed:
            return
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # whatever W&B does, the training goes on
            if not self.failed:
                rank_zero_warn(f"W&B is off for the rest of this run: {error!r}")
            self.failed = True

    return guarded


class WandbLog(Logger):
    """Sends metrics and configuration to W&B; files lie in <save_dir>/wandb until they are synced.

    Paths in the configuration are sent as "<path>". Neither command line, host, user nor printed
    lines are recorded, and images only where asked for.

    Args:
        project: W&B project; None takes the name of the folder that `save_dir` lies in.
        name: Name of the run; None takes that of `save_dir`.
        group: Experiment that the run is part of; None takes the key `experiment` of the first
            hyper-parameters, else their `config_hash`, which repetitions of a run share.
        job_type: Stage, such as "fit" or "test".
        tags: Free words to filter by.
        mode: "auto" is online for users who are logged in, unless WANDB_MODE says otherwise.
        log_images: Whether `log_image` may send images: they leave the machine when synced.
        save_dir: The run folder.

    Attributes:
        failed: Whether W&B has failed and is left alone.
        takes_images: Whether `log_image` sends any.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        name: str | None = None,
        group: str | None = None,
        job_type: str | None = None,
        tags: Sequence[str] = (),
        mode: Mode = "auto",
        log_images: bool = False,
        save_dir: str = ".",
    ) -> None:
        super().__init__()
        self.failed = False
        self._folder = Path(save_dir)
        self._mode, self.takes_images = mode, log_images
        self._about: dict[str, Any] = {
            "project": project or self._folder.resolve().parent.name,
            "name": name or self._folder.resolve().name,
            "group": group,
            "job_type": job_type,
            "tags": list(tags),
        }
        self._run: Any = None

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The W&B run, started at first use; a stand-in that does nothing once W&B has failed."""
        if self._run is None:
            self._start()
        return DummyLogger().experiment if self.failed else self._run

    @property
    def name(self) -> str:
        """The W&B project."""
        return str(self._about["project"])

    @property
    def version(self) -> str:
        """The name of the run."""
        return str(self._about["name"])

    @property
    def save_dir(self) -> str:
        """The run folder."""
        return str(self._folder)

    @rank_zero_only
    @_harmless
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Send metrics at a training step."""
        self.experiment.log({**metrics, **({} if step is None else {_STEP: step})})

    @rank_zero_only
    @_harmless
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Send a configuration, nested keys joined by dots, paths and persons left out."""
        config = dict(_flat(map_strings(anonymous(_as_mapping(params)), redacted)))
        self._about["group"] = self._about["group"] or config.get("config_hash")
        self.experiment.config.update(config, allow_val_change=True)
        if not self.failed and "config_hash" in config:
            self._run.pin_config_keys(KEYS)

    @rank_zero_only
    @_harmless
    def log_image(
        self, key: str, images: Sequence[Path | NDArray[np.uint8]], step: int | None = None
    ) -> None:
        """Send pixels, of image files without their names; nothing unless the run allows it."""
        if self.takes_images:
            import numpy as np
            import wandb
            from PIL import Image

            opened = [Image.open(item) if isinstance(item, Path) else item for item in images]
            pictures = [wandb.Image(np.asarray(picture)) for picture in opened]
            self.experiment.log({key: pictures, **({} if step is None else {_STEP: step})})

    @_harmless
    def _start(self) -> None:
        """Start the run; offline where the server does not answer in time."""
        import wandb

        wandb.finish()  # an earlier run of this process
        mode = _chosen_mode(self._mode)
        try:
            self._run = self._started(mode)
        except Exception as error:
            if mode != "online":
                raise
            rank_zero_warn(
                f"W&B goes on offline, its server did not answer: {type(error).__name__}"
            )
            self._run = self._started("offline")
        self._run.define_metric(_STEP)
        self._run.define_metric("*", step_metric=_STEP)

    def _started(self, mode: str) -> Any:
        import wandb

        self._folder.mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(
            **_PRIVATE,
            silent=True,
            init_timeout=_START_TIMEOUT_S,
            finish_timeout=_FINISH_TIMEOUT_S,
        )
        where: dict[str, Any] = {"dir": str(self._folder), "mode": mode}
        return wandb.init(**self._about, **where, settings=settings)


def _chosen_mode(wanted: Mode) -> str:
    """Return how W&B runs: as asked for, else as WANDB_MODE says, else online if logged in."""
    if wanted != "auto":
        return wanted
    if "WANDB_MODE" in os.environ:
        return os.environ["WANDB_MODE"]
    import wandb

    return "online" if wandb.login(prompt=False, verify=False) else "offline"


def _as_mapping(params: Any) -> Mapping[str, Any]:
    """Return hyper-parameters, which Lightning may hand over as a namespace, as a mapping."""
    return params if isinstance(params, Mapping) else vars(params)


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and values of a nested configuration."""
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
