"""What each command does once torch is loaded: build from the config, run, write it down."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback

from core.callbacks import CinePredictionWriter, PredictionWriter, RunConfig, RunKeys
from core.callbacks.requeue import requeue_when_warned
from core.checkpoints import load_weights, read_checkpoint
from core.checks import InputError, require
from core.cli.check_data import check_data
from core.cli.clean import tell_skipped
from core.cli.finish import finish
from core.cli.launched import launch
from core.cli.lightning_cli import HouseCLI
from core.cli.memory import keep_freed_memory
from core.cli.quiet import hush
from core.cli.robustness import test_twice
from core.cli.run_folder import choose_run_dir, going_on, runs_dir
from core.cli.stack import merge_overlays, read_stack, take_class_switches
from core.cli.stored import show_differences, stored_config
from core.cli.words import Request
from core.dotted import Config
from core.files import printable
from core.layers import inference_form
from core.run_keys import DEFAULT, config_keys, method_of
from core.tasks import ClassificationTask
from core.tasks.base import CARD

_LEAVE_A_RUN = ("fit", "test")
# What a folder to predict on is to a DataModule, where it is not one of still images:
_FOLDERS = {"core.data.LabelledData": "core.data.CineFolder"}


def run_stage(project_dir: Path, request: Request) -> None:
    """Run fit, validate, test or predict.

    Raises:
        InputError: For anything wrong in what the user gave.
        RunError: If the run cannot go on.
    """
    hush()
    keep_freed_memory()
    request = going_on(project_dir, request)
    if request.stage == "fit" and (started := launch()) and started.slurm:
        requeue_when_warned(started.rank)
    stored, checkpoint = stored_config(project_dir, request)
    config = read_stack(project_dir, []) if stored is None else stored
    config, overrides = take_class_switches(
        merge_overlays(config, project_dir, request.config), request.overrides
    )
    if request.stage == "predict":
        config = _pointed_at(config, Path(str(request.input)))
    if request.stage in _LEAVE_A_RUN:
        run_dir = choose_run_dir(project_dir, request)
    else:
        run_dir, overrides = runs_dir(project_dir), [*overrides, "--trainer.logger=false"]
    cli = HouseCLI(config, overrides, run_dir, request.stage)
    if stored is not None:
        show_differences(stored, cli.full_config(), request)
    _write_down(cli, project_dir, request, checkpoint)
    _STAGES[request.stage](cli, request, checkpoint)
    if request.stage in _LEAVE_A_RUN:
        finish(cli, project_dir)


def _write_down(
    cli: HouseCLI, project_dir: Path, request: Request, checkpoint: Path | None
) -> None:
    """Give config, method and keys to what keeps them: run folder, checkpoints, loggers."""
    config = cli.full_config()
    card = (read_checkpoint(checkpoint).get(CARD) if checkpoint else None) or {}
    own, stored = read_stack(project_dir, []), card.get("method", DEFAULT)
    method = method_of(request.config, request.overrides, own, stored)
    keys = config_keys(project_dir.name, cli.run_dir.name, config, method)
    _add_callback(cli, RunConfig(project_dir.name, config, method))
    _add_callback(cli, RunKeys(keys))
    for logger in cli.trainer.loggers:
        logger.log_hyperparams(keys | config)


def _add_callback(cli: HouseCLI, callback: Callback) -> None:
    callbacks: list[Callback] = cli.trainer.callbacks  # type: ignore[attr-defined]
    callbacks.append(callback)


def print_all_options(project_dir: Path) -> None:
    """Print every option of the configuration."""
    with suppress(SystemExit):  # the parser's way to end when it has printed
        HouseCLI(read_stack(project_dir, []), ["--help"], Path())


def _pointed_at(config: Config, folder: Path) -> Config:
    """Make the folder to predict on the source, all of it, read as it is and never cached."""
    require(folder.is_dir(), "--input", "a folder", printable(folder))
    data, arguments = config["data"]["class_path"], config["data"]["init_args"]
    arguments |= {"select": None, "group_by": []}  # a folder has no such columns
    arguments["source"] = {
        "class_path": _FOLDERS.get(data, "core.data.ImageFolder"),
        "init_args": {"root": str(folder)},
    }
    arguments["cache_dir"] = None
    return config


def _fit(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    if request.finetune:
        print(load_weights(cli.model, request.finetune, partly=True))
    _try_grid(cli)
    try:
        cli.trainer.fit(
            cli.model, datamodule=cli.datamodule, ckpt_path=checkpoint, weights_only=True
        )
    except MisconfigurationException as error:  # such as fewer epochs than are done already
        raise InputError(f"trainer: {error}") from error
    best = getattr(cli.trainer.checkpoint_callback, "best_model_path", "")
    _test(cli, request, Path(best) if best else None)


def _try_grid(cli: HouseCLI) -> None:
    """Refuse a grid that the network cannot take, in one line.

    Our own networks say so themselves at the first step; a training on patches meets it only later.
    """
    data, network = cli.datamodule, cli.model.network
    ours = type(network).__module__.startswith("core.")
    if cli.model.compiled or (ours and not hasattr(data, "patches")):
        return
    with torch.no_grad():
        try:
            network.eval()(torch.zeros(1, data.channels, *data.grid.size))
        except RuntimeError as error:  # a library's own way to say so
            raise InputError(f"data.size: {error}") from error
        finally:
            network.train()


def _test(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    measure = partial(_measure, cli.trainer.test, cli, checkpoint)
    if cli.datamodule.annotate is None:
        measure()
    else:
        test_twice(cli, measure)


def _validate(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    _refuse_annotations(cli, "validate")
    _measure(cli.trainer.validate, cli, checkpoint)
    for name, value in cli.trainer.callback_metrics.items():
        print(f"{name:32}{value:.4f}")


def _measure(method: Any, cli: HouseCLI, checkpoint: Path | None) -> None:
    if checkpoint is not None:
        load_weights(cli.model, checkpoint)
    method(cli.model, datamodule=cli.datamodule, verbose=False)


def _refuse_annotations(cli: HouseCLI, command: str) -> None:
    wanted = f"none with '{command}': they are put on test images alone"
    require(cli.datamodule.annotate is None, "data.annotate", wanted, "some")


def _predict(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    _refuse_annotations(cli, "predict")
    classifies = isinstance(cli.model, ClassificationTask)
    make = CinePredictionWriter if classifies else PredictionWriter
    writer = make(Path(str(request.output)), f"{checkpoint}")
    load_weights(cli.model, Path(str(checkpoint)))
    device = cli.trainer.strategy.root_device  # the form depends on where it runs
    cli.model.network = inference_form(cli.model.network.eval().to(device))
    _add_callback(cli, writer)
    cli.trainer.predict(cli.model, datamodule=cli.datamodule, return_predictions=False)
    tell_skipped(cli.datamodule.original)
    print(f"{'Tables' if classifies else 'Masks, table'} and contact sheet: {writer.page}")


def _write_pairs(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    from core.data.annotated import AnnotatedData, write_pairs

    data, wanted = cli.datamodule, "data of annotated images, as those of annotation_n2n"
    require(isinstance(data, AnnotatedData), "data", wanted, type(data).__name__)
    data.prepare_data()
    data.setup("fit")
    manifest = write_pairs(data, Path(str(request.output)))
    images = sum(len(rows) for rows in data.stages.values())
    print(f"{data.per_image} pairs of each of {images} images: {manifest}")


def _check_data(cli: HouseCLI, request: Request, checkpoint: Path | None) -> None:
    check_data(cli, request.output or cli.run_dir / "check-data")


_STAGES = {
    "check-data": _check_data,
    "fit": _fit,
    "test": _test,
    "validate": _validate,
    "predict": _predict,
    "write-pairs": _write_pairs,
}
