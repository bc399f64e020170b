"""The workshop itself: settings that name what is wrong, safe headers, complete migrations, honest locks."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.forks import Forks
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parent.parent


FORK_AND_LOOK = """
from aggregator.polling.reading_pool import make_pool, stop
pool = make_pool(1, 2**30, ["aggregator.polling.bodies"])
print(pool.schedule(eval, args=("'aggregator.polling.bodies' in __import__('sys').modules",)).result())
stop(pool)
"""


Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks(PATH=os.environ["PATH"], ENV_FILE="") as forks:
        yield forks


@pytest.fixture
def manage(forks: Forks) -> Manage:
    """Run manage.py as a person would, with nothing in the environment but what is given."""

    def run(*arguments: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return forks.manage(*arguments, cwd=ROOT, DATA_DIR=str(data_dir), **variables)

    return run


def test_wherever_it_is_called_from_the_parsers_are_imported_once_for_all_reading_processes(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", FORK_AND_LOOK]
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert run.stdout.splitlines()[-1:] == ["True"], run.stderr


@pytest.mark.django_db
def test_migrations_are_up_to_date() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_a_site_on_https_passes_the_deployment_checks(manage: Manage, tmp_path: Path) -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", data_dir=tmp_path, WEBSITE_URL="https://p.example.org")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("FRONT_PAGE_ENTRIES", "many"),
        ("FRONT_PAGE_ENTRIES", "0"),
        ("POLL_CONCURRENCY", "2.5"),
        ("FEED_POSTS_PER_DAY", "-1"),
        ("PORT", "99999"),
        ("FETCH_ALLOWED_PORTS", "80;443"),
        ("FETCH_ALLOWED_NETWORKS", "10.0.0.0/99"),
        ("TRUSTED_PROXIES", "proxy.internal"),
        ("HUEY_URL", "rabbit://host"),
        *(
            (name, url)
            for name, urls in {
                "HUEY_URL": [
                    *("redis:/x", "redis://localhost:70000/0", "redis://127.0.0.1:abc", "redis://localhost:6379/abc"),
                    *("postgres:/x", "postgres://", "postgres://host:70000/x", "postgres://host/x?speed=high"),
                    *("sqlite:///", "sqlite:/x", "sqlite:///nowhere/there/q.db", "redis://localhost:0"),
                ],
                "DATABASE_URL": ["postgres:/x", "postgres://", "postgres://host:70000/x", "sqlite:/x"],
                "CACHE_URL": ["redis:/x", "redis://localhost:70000/1", "redis://localhost:6379/abc"],
            }.items()
            for url in urls
        ),
        ("WEBSITE_URL", "planet.example.org"),
        ("CONTACT", "the curators"),
        ("CONTACT", "http://planet.example.org/contact"),
        ("SITE_TAGLINE", "x" * 161),
        ("SITE_LOGO", "missing.png"),
        ("ABOUT_FILE", "../about.txt"),
        ("FOOTER_LINKS", "Imprint=javascript:alert(1)"),
        ("SITE_ACCENT", "#ffcc00"),
        ("SITE_ACCENT_DARK", "navy"),
        ("DATABASE_URL", "nonsense"),
        ("CACHE_URL", "nonsense"),
        ("CURATOR_QUIET_MINUTES", "an hour"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "smtps://planet:secret@mail.example.org"),  # TLS from the start, or after the greeting?
        ("EMAIL_URL", "smtp://mail.example.org:mail"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_FROM", "https://planet.example.org/contact"),
        ("EMAIL_FROM", "the planet"),
        ("EMAIL_TIMEOUT_SECONDS", "0"),
        ("PUSH_LIFETIME_HOURS", "0"),
        ("PUSH_LIFETIME_HOURS", "673"),  # more than Google keeps a message for
        ("PUSH_LIFETIME_HOURS", "a day"),
        ("PUSH_NAME_NO_POST", "titles"),
        ("POLL_INTERVAL_MAX_SECONDS", "600"),  # less than the default of POLL_INTERVAL_MIN_SECONDS
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(manage: Manage, tmp_path: Path, name: str, value: str) -> None:
    run = manage("check", data_dir=tmp_path, SECRET_KEY="of a site that ran before", **{name: value})
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith(f"{name}=")
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", ["setup_site", "run_huey", "migrate", "poll_feeds"])
def test_whatever_is_started_with_a_bad_value_says_that_alone(manage: Manage, tmp_path: Path, command: str) -> None:
    run = manage(command, data_dir=tmp_path, SECRET_KEY="of a site that ran before", POLL_CONCURRENCY="many")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "POLL_CONCURRENCY='many' can't be used: it must be a number.\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc is a folder that nobody can write to (Linux)")
def test_a_data_folder_that_cannot_be_written_to_stops_the_start_and_is_named(manage: Manage) -> None:
    run = manage("check", data_dir=Path("/proc"), SECRET_KEY="of a site that ran before")
    assert run.returncode == 1
    (sentence,) = run.stderr.splitlines()
    assert "DATA_DIR='/proc' can't be used" in sentence


@pytest.mark.parametrize(
    "command", ["poll_feeds", "feed_status --json", "export_opml", "add_feed https://blog.example/"]
)
def test_a_command_on_a_database_that_was_never_set_up_says_how_to(
    manage: Manage, tmp_path: Path, command: str
) -> None:
    run = manage(*command.split(), data_dir=tmp_path, SECRET_KEY="of a site that ran before")
    assert (run.returncode, run.stdout) == (1, "")
    assert "it has no tables yet; `manage.py migrate` makes them" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", ["poll_feeds", "setup_site", "migrate"])
def test_a_command_whose_database_is_not_there_says_so(manage: Manage, tmp_path: Path, command: str) -> None:
    missing = f"sqlite:///{tmp_path}/missing/database"
    run = manage(command, data_dir=tmp_path, SECRET_KEY="of a site that ran before", DATABASE_URL=missing)
    assert run.returncode == 1
    assert f"its file, {tmp_path}/missing/database, can't be opened; see who owns it" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_worker_on_a_database_that_was_never_set_up_says_how_to_and_ends(manage: Manage, tmp_path: Path) -> None:
    run = manage("run_huey", data_dir=tmp_path, SECRET_KEY="of a site that ran before")
    assert run.returncode == 1
    assert "has no tables yet; `manage.py migrate` makes them" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_first_start_makes_a_secret_key_that_only_its_owner_reads(manage: Manage, tmp_path: Path) -> None:
    run = manage("check", data_dir=tmp_path)
    key = tmp_path / "secret_key"
    assert "made a secret key" in run.stderr
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    again = manage("check", data_dir=tmp_path)
    assert (key.read_text(), again.stderr) == (before, "")


def test_a_secret_is_read_from_a_file(manage: Manage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file")
    script = "from django.conf import settings; print(settings.SECRET_KEY)"
    run = manage("shell", "--no-imports", "-c", script, data_dir=tmp_path, SECRET_KEY_FILE=str(secret))
    assert run.stdout.strip() == "from a file", run.stderr


def test_vapid_keys_are_made_once_and_only_their_owner_reads_them(manage: Manage, tmp_path: Path) -> None:
    first = manage("vapid_keys", data_dir=tmp_path)
    assert stat.S_IMODE((tmp_path / "vapid_private_key").stat().st_mode) == 0o600
    public = first.stdout.splitlines()[-1]
    assert re.fullmatch(r"B[A-Za-z0-9_-]{86}", public)  # 65 bytes: 0x04 and a point
    assert manage("vapid_keys", data_dir=tmp_path).stdout.strip() == public


def test_no_lock_names_a_package_index() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt", "tests/every_page/package-lock.json"):
        assert "://" not in (ROOT / lock).read_text()


def test_what_checks_pages_is_pinned_by_version_and_by_hash() -> None:
    folder = ROOT / "tests" / "every_page"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())
    assert wanted == locked[""]["dependencies"]
    packages = {name: one for name, one in locked.items() if name}
    assert {name.removeprefix("node_modules/"): one["version"] for name, one in packages.items()} == wanted
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())


def test_what_another_package_wants_with_an_extra_is_pinned_with_it() -> None:
    """Where "coverage" is pinned and "coverage[toml]" wanted, pip looks for the newest, and finds no hash for that."""
    pinned = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)==", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    installed = [one for one in distributions() if one.name.lower() in {name.partition("[")[0] for name in pinned}]
    requirements = [text for one in installed for text in one.requires or () if "extra ==" not in text]
    wanted = {match[0] for text in requirements if (match := re.match(r"[\w.-]+\[[\w,-]+\]", text))}
    assert "coverage[toml]" in wanted
    assert sorted(wanted - set(pinned)) == []


def test_every_dependency_earns_its_place_in_contributing() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    names = set(re.findall(r'^    "([a-z0-9-]+)[\[><=]', project, re.MULTILINE))
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert len(names) > 20
    assert sorted(name for name in names if f"**{name}**" not in text) == []


def test_every_setting_is_in_the_example_file() -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r'(?:read_\w+|env\.\w+)\(\s*"([A-Z_]+)"', settings))
    example = (ROOT / ".env.example").read_text()
    assert len(names) > 20
    assert sorted(name for name in names if not re.search(rf"^#?{name}=", example, re.MULTILINE)) == []


def test_a_bad_address_is_named_without_its_password(manage: Manage, tmp_path: Path) -> None:
    run = manage("check", data_dir=tmp_path, DATABASE_URL="mysterysql://user:hunter2@host/name")
    assert "DATABASE_URL=" in run.stderr.splitlines()[-1]
    assert "hunter2" not in run.stderr.splitlines()[-1]
