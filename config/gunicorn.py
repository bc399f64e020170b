"""How the web server listens: from the environment or `.env`, as all settings. gunicorn reads it (`--config`)."""

from __future__ import annotations

import os
from pathlib import Path

import environ

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", str(Path(__file__).resolve().parent.parent / ".env")))

bind = f"{env.str('HOST', default='') or '127.0.0.1'}:{env.str('PORT', default='') or 8000}"
try:
    workers = int(env.str("WEB_WORKERS", default="") or 2)
except ValueError as error:
    raise ValueError(f"WEB_WORKERS={env.str('WEB_WORKERS')!r} can't be used: it must be a whole number.") from error
threads = 4
control_socket_disable = True
# Then a process starts anew, so a leak of memory lasts only for a while. The jitter keeps all from starting at once.
max_requests = 5000
max_requests_jitter = 500
