import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from core.callbacks.gathered import gathered

ROOT = Path(__file__).parents[3]


def trainer(world_size=1):
    table = pd.DataFrame({"id": list("abcd"), "subject": ["007", "8", "9", "10"], "region": "neck"})
    data = SimpleNamespace(source=SimpleNamespace(table=table))
    return SimpleNamespace(world_size=world_size, datamodule=data)


def test_rows_come_by_image_with_what_the_source_knows():
    table = gathered(trainer(), [{"index": 2, "angle": 1.5}, {"index": 0, "angle": 2.5}])
    assert table.columns.tolist() == ["index", "id", "subject", "angle"]
    assert table.to_dict("list") == {
        "index": [0, 2],
        "id": ["a", "c"],
        "subject": ["007", "9"],
        "angle": [2.5, 1.5],
    }


def test_no_rows_make_an_empty_table():
    assert gathered(trainer(), []).empty


RANK = """
import sys, torch
from core.callbacks.gathered import gathered
from tests.core.callbacks.test_gathered import trainer
rank = int(sys.argv[1])
torch.distributed.init_process_group("gloo", init_method=sys.argv[2], rank=rank, world_size=2)
rows = [[{"index": 3, "angle": 0.5}, {"index": 1, "angle": 1.5}], [{"index": 2, "angle": 2.5}]]
print(gathered(trainer(2), rows[rank]).to_csv(index=False), end="")
"""


@pytest.mark.slow
def test_every_process_gets_the_rows_of_all(tmp_path):
    meeting = f"file://{tmp_path / 'meeting'}"
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, str(rank), meeting],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": ".", "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    expected = "index,id,subject,angle\n1,b,8,1.5\n2,c,9,2.5\n3,d,10,0.5\n"
    assert [process.communicate(timeout=120)[0] for process in ranks] == [expected, expected]
