"""The site's settings, with data in a throw-away folder and loopback addresses that may be polled."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from tests.patience import PATIENCE_SECONDS
from tests.queues import queue_of_this_process

_data_dir = tempfile.mkdtemp(prefix="orrery-tests-")
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ["ENV_FILE"] = ""
os.environ.update(
    DATA_DIR=_data_dir,
    SECRET_KEY="for tests only, never for a site",
    WEBSITE_URL="http://testserver",
    FETCH_ALLOWED_NETWORKS="127.0.0.0/8",
    FETCH_HOST_SPACING_SECONDS="0",
    FETCH_TIMEOUT_SECONDS="60",
)

if os.environ.get("HUEY_URL"):
    os.environ["HUEY_URL"] = queue_of_this_process(os.environ["HUEY_URL"])

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

# From the models: to repeat every migration takes each process seconds. `models/test_migrations.py` does it once, and
# compares.
DATABASES["default"]["TEST"] = {"MIGRATE": False}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as on a site: an in-memory database has other locks.
    DATABASES["default"]["TEST"]["NAME"] = f"{_data_dir}/test.sqlite3"
    # Who writes waits for the others as long as it takes, also where other programs keep the machine busy.
    DATABASES["default"]["OPTIONS"]["timeout"] = PATIENCE_SECONDS

STATIC_ROOT = f"{_data_dir}/static"
os.makedirs(STATIC_ROOT)  # WhiteNoise warns of a folder that is not there
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
