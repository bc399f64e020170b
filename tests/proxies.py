"""The real nginx with the sample of `config/deploy`, on ports and in folders of a test's own."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, answers

SAMPLES = ROOT / "config" / "deploy"
NAME = "planet.example.org"
"""Of the site, in the samples."""


@contextmanager
def running(command: list[str], port: int, log: Path, variables: Mapping[str, str] | None = None) -> Iterator[int]:
    """A program, once it listens at the port, until the block ends; its process."""
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=written, stderr=subprocess.STDOUT)
    try:
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while not answers(port):
            assert process.poll() is None and time.monotonic() < gives_up_at, log.read_text()  # noqa: PT018
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port: int = line.getsockname()[1]
        return port


def make_certificate(folder: Path) -> None:
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}"]
    files = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run([need_program("openssl"), "req", *kind, *files], check=True, capture_output=True)


def write_nginx_files(folder: Path, port: int, *, site_port: str | int, static_files: Path, more: str = "") -> None:
    """What `nginx -c nginx.conf -p` needs in the folder, which holds a certificate; `more` stands beside the site."""
    sample = (SAMPLES / "nginx.conf").read_text()
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{site_port}",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen [::]:80;": "",
        f"/etc/letsencrypt/live/{NAME}": str(folder),
        "/var/cache/nginx": str(folder),
        "/srv/orrery/var/static/": f"{static_files}/",
    }.items():
        assert old in sample
        sample = sample.replace(old, new)
    (folder / "site.conf").write_text(sample)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; user root;\n"
        "events { worker_connections 2000; }\n"
        f"http {{ access_log off; include /etc/nginx/mime.types; client_body_temp_path {folder}/body;"
        f" proxy_temp_path {folder}/proxy; include {folder}/site.conf; {more} }}\n"
    )
