"""What makes a planet its own is read at the start; what can't be used is named there, with the way out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from aggregator.own.colors import contrast
from config.own import read_accents, read_footer_links, read_logo, read_own_text, read_tagline
from tests.own.pictures import png, svg


def refused_logo(path: str | Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SITE_LOGO", str(path))
    with pytest.raises(ImproperlyConfigured) as raised:
        read_logo("SITE_LOGO", data_dir)
    return str(raised.value)


@pytest.mark.parametrize("value", ["", " "])
def test_what_is_not_set_or_empty_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for name in ("SITE_TAGLINE", "SITE_LOGO", "ABOUT_FILE", "FOOTER_LINKS", "SITE_ACCENT", "SITE_ACCENT_DARK"):
        monkeypatch.setenv(name, value)
    assert (read_tagline("SITE_TAGLINE"), read_footer_links("FOOTER_LINKS")) == ("", ())
    assert read_logo("SITE_LOGO", tmp_path) is None
    assert read_own_text("ABOUT_FILE", tmp_path) is None
    assert read_accents("SITE_ACCENT", "SITE_ACCENT_DARK") == ("", "")


def test_a_file_lies_in_the_data_folder_or_where_its_whole_path_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir, elsewhere = tmp_path / "data", tmp_path / "elsewhere.PNG"
    (data_dir / "pictures").mkdir(parents=True)
    (data_dir / "pictures" / "logo.png").write_bytes(png(3, 4))
    elsewhere.write_bytes(png(5, 6))
    (data_dir / "link.svg").symlink_to(elsewhere)  # as where files are mounted into a container
    sizes = []
    for value in ("pictures/logo.png", str(elsewhere), "link.svg"):
        monkeypatch.setenv("SITE_LOGO", value)
        logo = read_logo("SITE_LOGO", data_dir)
        assert logo
        sizes.append((logo.width, logo.height, logo.kind))
    assert sizes == [(3, 4, "image/png"), (5, 6, "image/png"), (5, 6, "image/png")]


def test_a_logo_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")  # to read it would wait for ever
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    for name in ("missing.png", "folder.png", "pipe.png", "circle.png"):
        said = refused_logo(name, tmp_path, monkeypatch)
        assert said == (
            f"SITE_LOGO='{name}' can't be used: it must be a file, and there is none at {tmp_path / name}: put it "
            "there, or take SITE_LOGO out."
        )
    assert "without .." in refused_logo("../logo.png", tmp_path, monkeypatch)
    assert "ends in .png, .svg, .webp, .jpg or .jpeg" in refused_logo("logo.gif", tmp_path, monkeypatch)
    assert "ends in .png" in refused_logo("/etc/passwd", tmp_path, monkeypatch)
    (tmp_path / "page.svg").write_text("<html>Not found</html>")
    said = refused_logo("page.svg", tmp_path, monkeypatch)
    assert "its first element must be <svg" in said
    assert str(tmp_path / "page.svg") in said


def test_of_a_file_that_is_far_too_large_little_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    said = refused_logo("large.png", tmp_path, monkeypatch)
    assert said.endswith(f"it must be a file of at most 200,000 bytes, and {path} has 104,857,600.")


def test_a_restore_brings_the_files_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `.env` in its place already, as the README says; every other command misses them."""
    monkeypatch.setenv("SITE_LOGO", "logo.png")
    monkeypatch.setenv("ABOUT_FILE", "about.txt")
    monkeypatch.setattr(sys, "argv", ["manage.py", "restore", "site.tar.gz"])
    assert (read_logo("SITE_LOGO", tmp_path), read_own_text("ABOUT_FILE", tmp_path)) == (None, None)
    monkeypatch.setattr(sys, "argv", ["manage.py", "backup", "site.tar.gz"])
    assert "there is none at" in refused_logo("logo.png", tmp_path, monkeypatch)


def test_a_text_is_read_and_one_that_cannot_be_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "about.txt"
    monkeypatch.setenv("ABOUT_FILE", "about.txt")
    path.write_text("Ours.")
    text = read_own_text("ABOUT_FILE", tmp_path)
    assert text
    assert text.paragraphs[0][0][0].text == "Ours."
    for content, said in (
        (b"caf\xe9", "a text in UTF-8"),
        (b"\n", "has none"),
        (b"x" * 50_001, "at most 50,000 bytes"),
    ):
        path.write_bytes(content)
        with pytest.raises(ImproperlyConfigured, match=said):
            read_own_text("ABOUT_FILE", tmp_path)
    monkeypatch.setenv("ABOUT_FILE", "about.html")
    with pytest.raises(ImproperlyConfigured, match=r"ends in \.txt"):
        read_own_text("ABOUT_FILE", tmp_path)


def test_one_color_brings_its_shade_for_the_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_ACCENT", "#8A3B12")
    light, dark = read_accents("SITE_ACCENT", "SITE_ACCENT_DARK")
    assert light == "#8a3b12"
    assert contrast(dark, "#1b1e24") >= 7
    monkeypatch.setenv("SITE_ACCENT_DARK", "#ffcc00")
    assert read_accents("SITE_ACCENT", "SITE_ACCENT_DARK") == ("#8a3b12", "#ffcc00")
    monkeypatch.delenv("SITE_ACCENT")
    assert read_accents("SITE_ACCENT", "SITE_ACCENT_DARK") == ("#0b5d4a", "#ffcc00")


def test_a_color_that_is_too_faint_is_named_with_its_contrast_and_one_that_would_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_ACCENT", "#ffcc00")
    with pytest.raises(ImproperlyConfigured) as raised:
        read_accents("SITE_ACCENT", "SITE_ACCENT_DARK")
    assert str(raised.value) == (
        "SITE_ACCENT='#ffcc00' can't be used: it must be a color that links can be read in where pages are light. Its "
        "contrast with the code, #f3f0e9, is 1.32 and must be 4.5 (WCAG); the nearest shade that has it is #856a00."
    )


def test_a_picture_with_a_script_is_one_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How it is shown and served sees to it that the script does nothing (`pages/test_own.py`)."""
    (tmp_path / "logo.svg").write_bytes(svg(within="<script>alert(1)</script>"))
    monkeypatch.setenv("SITE_LOGO", "logo.svg")
    assert read_logo("SITE_LOGO", tmp_path)
