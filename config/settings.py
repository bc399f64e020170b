"""Orrery's settings: all of them come from the environment (or `.env`), each with a default that works.

`environment` says how they are read, `.env.example` lists the variables.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config.addresses import queue_backend, read_address
from config.environment import (
    BASE_DIR,
    env,
    read_bool,
    read_contact,
    read_count,
    read_list,
    read_networks,
    read_number,
    read_port,
    read_ports,
    refuse,
    refuse_half_restored,
)
from config.kept_secret import kept_secret
from config.mail import NO_MAIL, mail_settings
from config.own import own_path, read_accents, read_footer_links, read_logo, read_own_text, read_tagline

# -- where things are ----------------------------------------------------------------------------------------------

DEBUG = read_bool("DEBUG", default=False)
DATA_DIR = BASE_DIR / env.str("DATA_DIR", default="var")
os.umask(0o066)  # for the folders made here: others pass through them, as a proxy's user on its way to static files
try:
    DATA_DIR.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not all(env.str(name, default="") for name in ("DATABASE_URL", "HUEY_URL")):  # then they are written there
        tempfile.TemporaryFile(dir=DATA_DIR).close()
except OSError as data_dir_error:
    if data_dir_error.errno in {errno.ENOSPC, errno.EDQUOT} and DATA_DIR.is_dir():
        sys.stderr.write(f"The disk of DATA_DIR={DATA_DIR} is full: nothing can be stored until there is room.\n")
    else:
        raise refuse("DATA_DIR", f"a folder that can be written to ({data_dir_error.strerror})") from data_dir_error

RESTORE_MARK = "restore_interrupted"
refuse_half_restored(DATA_DIR / RESTORE_MARK)
# Of what is made in DATA_DIR, what a backup holds beside the database: files, and folders of files.
KEPT_FILES, KEPT_FOLDERS = ("secret_key", "admin_password", "vapid_private_key"), ("vapid_old",)

os.umask(0o077)  # from here on, others read nothing of what a process of the site writes
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")

SITE_NAME = env.str("SITE_NAME", default="") or "Orrery"
SITE_TAGLINE = read_tagline("SITE_TAGLINE")
SITE_LOGO = read_logo("SITE_LOGO", DATA_DIR)
ABOUT_FILE = read_own_text("ABOUT_FILE", DATA_DIR)
# Where they lie, in DATA_DIR or elsewhere; and a folder in DATA_DIR of templates that go before ours.
OWN_FILES = {name: path for name in ("SITE_LOGO", "ABOUT_FILE") if (path := own_path(name, DATA_DIR))}
OWN_TEMPLATES = "templates"
SITE_ACCENT, SITE_ACCENT_DARK = read_accents("SITE_ACCENT", "SITE_ACCENT_DARK")
FOOTER_LINKS = read_footer_links("FOOTER_LINKS")
WEBSITE_URL = env.str("WEBSITE_URL", default=f"http://localhost:{read_port()}").rstrip("/")
_website = urlsplit(WEBSITE_URL)
if _website.scheme not in {"http", "https"} or not _website.hostname or _website.path:
    raise refuse("WEBSITE_URL", "the site's address without a path, such as https://planet.example.org")
CONTACT = read_contact("CONTACT")
SUBMISSIONS = read_bool("SUBMISSIONS", default=True)
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS") or [_website.hostname, "localhost", "127.0.0.1", "[::1]"]
ADMIN_URL = (env.str("ADMIN_URL", default="").strip("/") or "admin") + "/"
LOGIN_REDIRECT_URL = f"/{ADMIN_URL}"
STARTER_OPML = BASE_DIR / "config" / "starter.opml"

# -- the application -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "aggregator.apps.DeskConfig",  # instead of django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "aggregator",
    "notifications",
]

MIDDLEWARE = [
    # Before all that answer by themselves. Its app isn't needed, and every app makes each command start slower.
    "csp.middleware.CSPMiddleware",
    "config.storage.ToldWhileAway",
    "config.requests.answer_probes_by_any_name",
    "config.requests.add_policies",
    "django.middleware.security.SecurityMiddleware",
    "config.bodies.refuse_bodies",
    "config.requests.forget_cookies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aggregator.pages.packing.PackingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [DATA_DIR / OWN_TEMPLATES, BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aggregator.pages.context.site",
            ],
            "libraries": {"desk": "aggregator.desk.template_tags"},
        },
    },
]

TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", default="127.0.0.1,::1")

# -- data, queue, cache --------------------------------------------------------------------------------------------

_database = read_address(
    "DATABASE_URL",
    env.db_url_config,
    default=f"sqlite:///{DATA_DIR / 'orrery.sqlite3'}",
    expected="an address such as sqlite:///path/to/a/file or postgres://user:password@host/name",
)
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # wait for the lock at the start, not fail in the middle
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "cached_statements": 8,  # a poll's statements name hundreds of feeds each, no two as many
    }
    # Never closed: opening makes two files, and on a full disk it would fail, so that no page could be shown.
    _database["CONN_MAX_AGE"] = None
elif _database["ENGINE"].endswith("postgresql"):
    _database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    # A server that is away is known to be so before who waits for a page goes; libpq would wait for minutes.
    _database["OPTIONS"] = {"connect_timeout": 5, "tcp_user_timeout": 20_000, **_database.get("OPTIONS", {})}
else:
    raise refuse("DATABASE_URL", "the address of a SQLite or PostgreSQL database")
DATABASES = {"default": _database}


HUEY: dict[str, Any] = {
    "name": "orrery",
    "immediate": False,  # stated, because by default DEBUG would run tasks inside of web requests
    "results": True,
    "utc": True,
    **queue_backend(env.str("HUEY_URL", default="") or f"sqlite:///{DATA_DIR / 'queue.sqlite3'}"),
    # Four: two ticks may be at work when a curator asks for a poll and a message wants to go out. The delay is at most
    # that of a worker whose queue was away: who presses a button when it is back doesn't wait for long.
    "consumer": {"workers": 4, "worker_type": "thread", "periodic": True, "check_worker_health": True, "max_delay": 2},
}

CACHES = {
    "default": read_address(
        "CACHE_URL", env.cache_url_config, default="locmemcache://", expected="an address such as redis://host:6379/1"
    )
}

# -- pages and polling ---------------------------------------------------------------------------------------------

FRONT_PAGE_ENTRIES = read_count("FRONT_PAGE_ENTRIES", default=60)
FRONT_PAGE_ENTRIES_PER_FEED = read_count("FRONT_PAGE_ENTRIES_PER_FEED", default=3)
FOLD_DUPLICATES = read_bool("FOLD_DUPLICATES", default=True)
KEEP_ENTRIES_DAYS = read_count("KEEP_ENTRIES_DAYS", default=0, minimum=0, maximum=36500)
KEEP_ENTRIES_PER_FEED = read_count("KEEP_ENTRIES_PER_FEED", default=0, minimum=0)

FETCH_TIMEOUT_SECONDS = read_number("FETCH_TIMEOUT_SECONDS", default=30, minimum=0.1)
FETCH_MAX_BYTES = read_count("FETCH_MAX_BYTES", default=10 * 2**20, minimum=1024)
FETCH_HOST_SPACING_SECONDS = read_number("FETCH_HOST_SPACING_SECONDS", default=2)
POLL_CONCURRENCY = read_count("POLL_CONCURRENCY", default=32)
FEED_POSTS_PER_DAY = read_count("FEED_POSTS_PER_DAY", default=50, minimum=0)
POLL_INTERVAL_MIN_SECONDS = read_number("POLL_INTERVAL_MIN_SECONDS", default=1200, minimum=30)
POLL_INTERVAL_MAX_SECONDS = read_number("POLL_INTERVAL_MAX_SECONDS", default=43200, minimum=POLL_INTERVAL_MIN_SECONDS)
FETCH_ALLOWED_PORTS = read_ports("FETCH_ALLOWED_PORTS", default="80,443,8080,8443")
FETCH_ALLOWED_NETWORKS = read_networks("FETCH_ALLOWED_NETWORKS")

# -- notifications -------------------------------------------------------------------------------------------------

VAPID_PRIVATE_KEY, VAPID_PUBLIC_KEY = (env.str(name, default="") for name in ("VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY"))
VAPID_OLD_PRIVATE_KEYS = read_list("VAPID_OLD_PRIVATE_KEYS")
VAPID_ADMIN_EMAIL = env.str("VAPID_ADMIN_EMAIL", default="")
PUSH_EXTRA_HOSTS = read_list("PUSH_EXTRA_HOSTS")
PUSH_QUIET_SECONDS = read_number("PUSH_QUIET_SECONDS", default=10)
CURATOR_QUIET_MINUTES = read_number("CURATOR_QUIET_MINUTES", default=60, maximum=10080)
PUSH_LIFETIME_HOURS = read_number("PUSH_LIFETIME_HOURS", default=24, minimum=1, maximum=672)  # Google's most: 28 days
PUSH_NAME_NO_POST = read_bool("PUSH_NAME_NO_POST", default=False)

# -- mail ----------------------------------------------------------------------------------------------------------

_mail = mail_settings(CONTACT)
HAS_MAIL = bool(_mail)
globals().update(_mail or NO_MAIL)

# -- static files and safety ---------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.ReadableStaticFiles"},
}

_is_https = _website.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT, SECURE_SSL_HOST = _is_https, _website.netloc
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside of the machine, over http
SECURE_HSTS_SECONDS = 365 * 86400 if _is_https else 0
# W005, W021: whether neighbours under the same domain are https-only is not ours to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", *([] if HAS_MAIL else ["mail.W001"])]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [WEBSITE_URL]
FORCE_SCRIPT_NAME = ""  # WEBSITE_URL has no path; some web servers believe a client's header that says otherwise

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **{f"{kind}-src": [SELF] for kind in ("script", "style", "font", "connect", "manifest", "worker")},
        "img-src": [SELF, "https:", "http:"],  # posts show their authors' pictures from where they are
        "media-src": ["https:", "http:"],  # and play their sound and films, once somebody presses play
        "form-action": [SELF],
        **{name: [NONE] for name in ("frame-ancestors", "base-uri", "object-src")},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name} {message}", "style": "{"}},
    "filters": {
        "mistakes": {"()": "config.requests.StrangersMistakes"},
        "storage": {"()": "config.storage.OneLineAMinute"},
        "tasks": {"()": "config.storage.UnreadTasks"},
        "hosts": {"()": "config.requests.RefusedHosts"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mistakes", "tasks", "storage"]},
        "hosts": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hosts", "mistakes"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.security.DisallowedHost": {"handlers": ["hosts"], "propagate": False},
        # Requests that wait a moment for a thread are no news; and who breaks a connection off is no fault of ours.
        "waitress": {"level": "ERROR"},
        # With a handler here, Huey adds none of its own and keeps this level.
        "huey": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}
