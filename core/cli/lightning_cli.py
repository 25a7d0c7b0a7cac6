"""LightningCLI without its surprises: one parser, an import allowlist, and errors of one line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault(
    "JSONARGPARSE_DEPRECATION_WARNINGS", "off"
)  # Lightning still makes the old calls

import yaml
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from core.checks import InputError, require
from core.cli.allowlist import allow_imports
from core.cli.launched import launch
from core.cli.messages import explain
from core.data.module import ImageData
from core.dotted import Config, flatten
from core.tasks import Task

LINKED = {"seed_everything": ("data", "init_args", "seed")}
"""One seed for all: order and augmentation follow the run's."""

_LIMITS = ("limit_train", "limit_val", "limit_test", "limit_predict", "overfit")
_COUNT_OR_PART = {"trainer.val_check_interval", *(f"trainer.{name}_batches" for name in _LIMITS)}
"""Where 1 means one batch, and 1.0 all of them."""


class HouseCLI(LightningCLI):
    """Parses a merged config and overrides, and builds task, data and trainer from them.

    A checkpoint's stored hyper-parameters never enter: whoever wants them gives them as the config.

    Args:
        config: The merged config.
        overrides: Command-line options that win over it.
        run_dir: Where the run writes.
        stage: The command, which loggers are told.

    Attributes:
        told: Where in the config the values stand that differ from run to run.
    """

    def __init__(
        self, config: Config, overrides: list[str], run_dir: Path, stage: str = "fit"
    ) -> None:
        allow_imports()
        self.run_dir, self.stage, self._known = run_dir, stage, [key for key, _ in flatten(config)]
        self.told: list[tuple[str | int, ...]] = []
        super().__init__(
            model_class=Task,
            datamodule_class=ImageData,
            subclass_mode_model=True,
            subclass_mode_data=True,
            save_config_callback=None,
            auto_configure_optimizers=False,
            parser_kwargs={"exit_on_error": False, "allow_abbrev": False},
            run=False,
            args=[
                "--config",
                yaml.safe_dump(config),
                *overrides,
                f"--trainer.default_root_dir={run_dir}",
            ],
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Give values that follow another one, and keep whole numbers whole."""
        for action in parser._actions:
            if action.dest in _COUNT_OR_PART:  # the parser would try float first, and read 1 as 1.0
                action._typehint = int | float | None  # type: ignore[attr-defined]
        for source, place in LINKED.items():
            parser.link_arguments(source, ".".join(place))

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse, or say in one line which key is wrong and which one is near."""
        try:
            self.config = parser.parse_args(args)
        except Exception as error:  # the parser raises its own, argparse's and YAML's types
            known = [*parser.get_defaults().keys(), *self._known]
            raise InputError(explain(str(error), known)) from error

    def before_instantiate_classes(self) -> None:
        """Tell loggers the run folder and the command."""
        told = {"save_dir": str(self.run_dir), "job_type": self.stage}
        for number, logger in enumerate(self.config.trainer.logger or []):
            for key in told.keys() & logger.init_args.keys():
                logger.init_args[key] = told[key]
                self.told.append(("trainer", "logger", number, "init_args", key))

    def instantiate_classes(self) -> None:
        """Build all, or say in one line what is wrong with an argument or the trainer."""
        try:
            super().instantiate_classes()
        except MisconfigurationException as error:
            raise InputError(f"trainer: {error}") from error
        except ValueError as error:
            raise _own(error) or InputError(explain(str(error), self._known)) from error

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Build the trainer, which takes its place among the processes of a launcher."""
        started, trainer = launch(), self.config_init.trainer
        if started is None:
            return super().instantiate_trainer(**kwargs)
        if trainer.devices == "auto":
            kwargs |= {"devices": started.per_node, "num_nodes": started.nodes}
        if started.slurm:  # to be queued again is left to ExactResume, which saves at a safe batch
            own = SLURMEnvironment(auto_requeue=False)
            kwargs |= {"plugins": [*(trainer.plugins or []), own]}
        built = super().instantiate_trainer(**kwargs)
        wanted = f"one for each of the {started.processes} processes that the launcher has started"
        fits = built.world_size == started.processes
        require(fits, "--trainer.devices", wanted, f"{built.world_size} in all")
        return built

    def full_config(self) -> Config:
        """Return the whole config, enough to repeat the run anywhere."""
        self._dump_config()
        config: Config = dict(self.config_dump)
        config["trainer"].pop("default_root_dir", None)
        return config


def _own(error: BaseException | None) -> InputError | None:
    """Return what one of our constructors said, which the parser wraps into paragraphs."""
    while error is not None and not isinstance(error, InputError):
        error = error.__cause__
    return error
