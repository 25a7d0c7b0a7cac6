from core.cli import compare
from core.cli.run_images import run_images
from core.comparison import read


def test_data_is_opened_when_images_are_asked_for_and_by_one_opener(monkeypatch, tmp_path):
    opened = []

    def images_of():
        opened.append("opener")
        return lambda run: lambda index: (run, index)

    monkeypatch.setattr(compare, "images_of", images_of)
    monkeypatch.setattr(read, "read_run", lambda root, project: f"{project}/{root.name}")
    images = run_images("some_paper")
    assert opened == []
    assert images(tmp_path / "a")(3) == ("some_paper/a", 3)
    assert images(tmp_path / "b")(4) == ("some_paper/b", 4)
    assert opened == ["opener"]
