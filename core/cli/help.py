"""Help that answers at once: the options people use most, with the project's own values."""

from __future__ import annotations

from pathlib import Path

from core.cli.stack import read_stack
from core.cli.words import STAGES
from core.dotted import find

WORDS = {
    "--config NAME": "lay an overlay (below) over the default run, by name or path",
    "--run NAME": "name the run folder runs/<project>/NAME",
    "--resume [RUN]": "go on exactly where a run stopped; without a name, the newest",
    "--finetune CKPT": "start a new run from a checkpoint's weights",
    "--ckpt RUN": "to measure or apply: a run folder or checkpoint file",
    "--input, --output FOLDER": "of images to apply it to, and of what comes of it",
    "--whole": "for clean-images: every pixel from the network, not annotations alone",
    "--scale S": "for clean-images: resize what the network sees, by a number or to 'fit'",
    "--required NAME ...": "for check-annotations: what each image must bear",
}
OPTIONS = {
    "trainer.max_epochs": "how long to train",
    "trainer.devices": "how many GPUs or processes",
    "trainer.precision": "32-true, 16-mixed, bf16-mixed",
    "trainer.accumulate_grad_batches": "batches per update; for two players model.accumulate",
    "data.source": "where images come from",
    "data.size": "rows and columns of the network's grid",
    "data.batch_size": "images per process and step",
    "model.network": "the network",
    "model.optimizer.lr": "learning rate",
    "seed_everything": "seeds all that is random",
}


def short_help(project_dir: Path) -> str:
    """Return a project's help: commands, overlays, its most used options with their values."""
    config = read_stack(project_dir, [])
    lines = [
        _title(project_dir),
        "",
        f"python -m projects.{project_dir.name} COMMAND [--OPTION=VALUE ...]",
        "",
        "Commands",
    ]
    lines += [f"  {stage:34}{text}" for stage, text in STAGES.items()]
    lines += ["", "Words"] + [f"  {word:34}{text}" for word, text in WORDS.items()]
    lines += ["", "Options, and their values here"]
    lines += [
        f"  {f'--{key}={_show(find(config, key))}':58}{text}" for key, text in OPTIONS.items()
    ]
    lines += ["", "Overlays (--config)"]
    lines += [
        f"  {path.stem:34}{_first_comment(path)}"
        for path in sorted((project_dir / "configs").glob("*.yaml"))
    ]
    return "\n".join(
        [
            *lines,
            "",
            "All options: COMMAND --help all. Values of a run: runs/<project>/<run>/config.yaml.",
        ]
    )


def _title(project_dir: Path) -> str:
    readme = project_dir / "README.md"
    return readme.read_text().splitlines()[0].lstrip("# ") if readme.is_file() else project_dir.name


def _show(value: object) -> str:
    value = value.get("class_path", value) if isinstance(value, dict) else value
    return str(value).replace(" ", "")


def _first_comment(path: Path) -> str:
    first = path.read_text().splitlines()[0] if path.stat().st_size else ""
    return first.lstrip("# ") if first.startswith("#") else ""
