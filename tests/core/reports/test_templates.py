import jinja2
import pytest

from core.reports.templates import render


def test_a_page_elsewhere_lies_over_those_of_the_house(tmp_path):
    page = tmp_path / "mine.html"
    page.write_text('{% extends "base.html" %}{% block body %}<p>{{ word }}</p>{% endblock %}')
    text = render(page, word="<b>")
    assert "<p>&lt;b&gt;</p>" in text
    assert "default-src 'none'" in text


def test_what_a_page_needs_has_to_be_given(tmp_path):
    (tmp_path / "mine.html").write_text("{{ word }}")
    with pytest.raises(jinja2.UndefinedError, match="word"):
        render(tmp_path / "mine.html")
