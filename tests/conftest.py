from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from aggregator.search import deadline
from tests import examples  # first of all: it chooses hypothesis's profile
from tests.browsers import chromium
from tests.emptying import Emptying
from tests.patience import PATIENCE_SECONDS
from tests.processor_time import at_most
from tests.servers import elsewhere, feed_server

__all__ = ["chromium", "elsewhere", "examples", "feed_server"]

DATABASES = {"db", "django_db_setup", "live_server", "transactional_db"}
BROWSERS = {"browser_name", "chromium"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests' database, which knows that it has all that the migrations make: `manage.py migrate` adds nothing."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in MigrationLoader(None).disk_migrations:
            recorder.record_applied(app, name)
        emptying = Emptying()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: emptying.empty())
        with django_db_blocker.block():
            yield


@pytest.fixture(scope="session", autouse=True)
def patient_search() -> None:
    """A search has a second; on a machine that is busy with other tests, as long as it takes."""
    deadline.MAX_SECONDS = PATIENCE_SECONDS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Look away from fixtures, too, where a mark says that what the test reaches is seen elsewhere (`no_cover`).

    pytest-cov itself looks away from the test alone, but a day of polling, say, goes by in a fixture.
    """
    plugin = item.config.pluginmanager.getplugin("_cov")
    controller = getattr(plugin, "cov_controller", None)
    if controller is None or not item.get_closest_marker("no_cover"):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if mark := item.get_closest_marker("processor_seconds"):
        with at_most(*mark.args):
            return (yield)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Ten thousand tests stay until the end: who looks for garbage needn't look through them each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, object, object]:
    """Mark what needs a database or a browser, before `-m` chooses; then put files first that take long.

    Whole files are handed to the processes in this order: one that takes minutes must not begin last.
    """
    for item in items:
        _mark_by_fixtures(item)
    result = yield
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)
    return result


def _mark_by_fixtures(item: pytest.Item) -> None:
    fixtures = set(getattr(item, "fixturenames", ()))
    if "django_db_setup" in fixtures and not item.get_closest_marker("django_db"):
        # pytest-django makes no database where none of the tests that run has its mark.
        item.add_marker(pytest.mark.django_db)
    if fixtures & DATABASES or item.get_closest_marker("django_db"):
        item.add_marker("database")
    if fixtures & BROWSERS:
        item.add_marker("browser")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes a core: at any time some test waits, for a lock, a socket, a browser or a disk."""
    return 2 * (os.cpu_count() or 1)
