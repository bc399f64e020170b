from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import CheckMessage, run_checks

from notifications.sending.contact import contact, contact_problem
from notifications.vapid.keys import VapidKey


@pytest.fixture(autouse=True)
def site(settings: LazySettings, tmp_path: Path) -> LazySettings:
    settings.DATA_DIR = tmp_path
    settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = settings.VAPID_ADMIN_EMAIL = settings.CONTACT = ""
    settings.VAPID_OLD_PRIVATE_KEYS = []
    settings.PUSH_EXTRA_HOSTS = []
    settings.WEBSITE_URL = "https://planet.example.org"
    return settings


def found() -> dict[str, CheckMessage]:
    return {str(message.id): message for message in run_checks(tags=["push"])}


def test_a_site_on_https_with_nothing_set_is_fine() -> None:
    assert found() == {}


def test_a_pair_that_does_not_match_stops_the_start_with_the_way_out(site: LazySettings) -> None:
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = VapidKey.new().private_text, VapidKey.new().public
    error = found()["notifications.E001"]
    assert error.is_serious()
    assert "VAPID_PUBLIC_KEY" in error.msg
    assert "Remove it" in str(error.hint)


def test_a_broken_key_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "vapid_private_key").write_text("torn")
    assert str(tmp_path) in found()["notifications.E001"].msg


def test_a_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vapid_private_key"
    path.write_text(VapidKey.new().private_text)
    path.chmod(0o644)
    assert found()["notifications.W001"].hint == f"chmod 600 {path}"
    path.chmod(0o600)
    assert found() == {}


@pytest.mark.parametrize(
    "entry", ["https://push.example", "push.example/", "push example", "push.example:0", "[::1]:443"]
)
def test_an_extra_host_that_can_never_match_stops_the_start(site: LazySettings, entry: str) -> None:
    site.PUSH_EXTRA_HOSTS = [entry]
    assert repr(entry) in found()["notifications.E002"].msg


def test_a_site_without_https_is_told_that_browsers_offer_no_push(site: LazySettings) -> None:
    site.WEBSITE_URL = "http://planet.example.org"
    assert "https" in str(found()["notifications.W002"].hint)


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]", "http://a.localhost"]
)
def test_a_site_on_this_machine_is_left_in_peace(site: LazySettings, url: str) -> None:
    site.WEBSITE_URL = url
    assert found() == {}


def test_a_contact_that_push_services_refuse_is_named(site: LazySettings) -> None:
    site.VAPID_ADMIN_EMAIL = "admin@planet.local"
    assert "'mailto:admin@planet.local'" in found()["notifications.W003"].msg


@pytest.mark.parametrize(
    ("email", "website", "uri"),
    [
        ("", "https://planet.example.org", "https://planet.example.org"),
        ("", "http://planet.example.org:8000", "mailto:webmaster@planet.example.org"),
        ("team@planet.org", "https://planet.org", "mailto:team@planet.org"),
        ("mailto:team@planet.org", "https://planet.org", "mailto:team@planet.org"),
        ("https://planet.org/contact", "https://planet.org", "https://planet.org/contact"),
    ],
)
def test_the_contact_is_what_is_set_or_else_the_site(site: LazySettings, email: str, website: str, uri: str) -> None:
    site.VAPID_ADMIN_EMAIL, site.WEBSITE_URL = email, website
    assert contact() == uri


def test_without_a_contact_of_their_own_push_services_get_the_readers(site: LazySettings) -> None:
    site.VAPID_ADMIN_EMAIL, site.CONTACT, site.WEBSITE_URL = "", "ann@kiln.org", "https://planet.org"
    assert contact() == "mailto:ann@kiln.org"
    site.VAPID_ADMIN_EMAIL = "push@kiln.org"
    assert contact() == "mailto:push@kiln.org"


@pytest.mark.parametrize(
    "uri",
    ["mailto:a.b+push@planet.org", "https://planet.org", "https://planet.org:8443/about?x=1", "mailto:a@b.xn--p1ai"],
)
def test_a_real_contact_is_fine(uri: str) -> None:
    assert contact_problem(uri) == ""


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "mailto:",
        "mailto:admin",
        "mailto:admin@localhost",
        "mailto:admin@planet",
        "mailto:admin@planet.local",
        "mailto:admin@planet.example",
        "mailto:admin@127.0.0.1",
        "mailto: admin@planet.org",
        "mailto:<admin@planet.org>",
        "mailto:Admin <admin@planet.org>",
        "mailto:admin@planet..org",
        "mailto:a@planet.org, b@planet.org",
        "http://planet.org",
        "https://localhost/",
        "https://planet.org/a b",
        "https://planet.org/<a>",
        "tel:+123",
    ],
)
def test_a_contact_that_leads_nowhere_is_not(uri: str) -> None:
    assert contact_problem(uri)
