import pytest

import core.tasks  # noqa: F401  (the parser that made such a message has imported the classes in it)
from core.cli.messages import explain

KNOWN = ["trainer.max_epochs", "model.optimizer.lr", "model.network.act.noise", "data.batch_size"]
UNION = "Does not validate against any of the Union subtypes Subtypes: [<class 'A'>, <class 'NoneType'>] Errors: - "
TASK = f"Parser key \"model\": {UNION}Problem with given class_path 'core.tasks.SegmentationTask': "


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            "unrecognized arguments: --trainer.max_epoch=3",
            "--trainer.max_epoch: no such option, did you mean 'trainer.max_epochs'?",
        ),
        (
            "Group 'trainer' does not accept option 'max_epoch'",
            "--trainer.max_epoch: no such option, did you mean 'trainer.max_epochs'?",
        ),
        (
            TASK + "unrecognized arguments: --optmizer.lr=3\n  - Expected a <class 'NoneType'>",
            "--model.optmizer.lr: no such option, did you mean 'model.optimizer.lr'?",
        ),
        (
            TASK + "Option 'thresold' is not accepted\n Given value type: x",
            "--model.thresold: no such option, did you mean 'model.threshold'?",
        ),
        (
            f"Parser key \"trainer.max_epochs\":\n {UNION}Expected a <class 'int'> - Expected a <class 'NoneType'> Given value type: <class 'str'> Given value: x",
            "--trainer.max_epochs: Expected a <class 'int'>, got x",
        ),
        (
            TASK
            + "Parser key \"loss\": - Expected a path but a.B either not accessible or invalid - Problem with given class_path 'a.B': Importing 'a.B' is not allowed, denied by the '*' entry",
            "--model.loss: Problem with given class_path 'a.B': Importing 'a.B' is not allowed",
        ),
    ],
)
def test_a_paragraph_becomes_one_line(message, line):
    assert explain(message, KNOWN) == line


def test_the_wrong_key_itself_is_never_offered():
    assert "did you mean 'data.batchsize'" not in explain(
        "unrecognized arguments: --data.batchsize=3", [*KNOWN, "data.batchsize"]
    )
