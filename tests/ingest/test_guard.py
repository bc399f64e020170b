from __future__ import annotations

import dataclasses
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aggregator.ingest.errors import AddressRefused, ConnectionFailed, IngestError, NameNotFound, TlsFailed
from aggregator.ingest.guard import check_url, is_public
from aggregator.ingest.types import Response
from tests.ingest.asking import LOOPBACK, PUBLIC, Names, ask
from tests.servers import Answer, FeedServer, Raw

ALL_PORTS = frozenset(range(1, 65536))

# Every spelling of an address that must not be reached, in the form in which it stands in a URL.
PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1.",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::808:808]",
    "[64:ff9b:1::a00:1]",
    "[2001:db8::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2002:7f00:1::]",
    "[2002:808:808::1]",
    "[3fff::1]",
]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(b"<rss/>"))
        yield server


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_an_address_that_is_not_public_is_refused_before_any_look_up(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(f"http://{host}/feed", PUBLIC)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "134744072", "[2606:4700:4700::1111]", "blog.example", "xn--bcher-kva.example"]
)
def test_a_public_address_and_a_name_pass(host: str) -> None:
    check_url(f"https://{host}/feed", PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://blog.example/feed",
        "gopher://blog.example/",
        "data:text/xml,<rss/>",
        "feed://blog.example/feed",
        "feed:http://blog.example/feed",
        "javascript:alert(1)",
        "//blog.example/feed",
        "blog.example/feed",
        "",
    ],
)
def test_a_scheme_other_than_http_and_https_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match="only http and https"):
        check_url(url, PUBLIC)


@pytest.mark.parametrize("port", [22, 25, 6379, 81, 65535])
def test_an_odd_port_is_refused(port: int) -> None:
    with pytest.raises(AddressRefused, match=f"port {port}"):
        check_url(f"http://blog.example:{port}/feed", PUBLIC)


@pytest.mark.parametrize(
    "netloc", ["blog.example", "blog.example:80", "blog.example:443", "blog.example:8080", "8.8.8.8:8443"]
)
def test_the_ports_of_the_web_pass(netloc: str) -> None:
    check_url(f"http://{netloc}/feed", PUBLIC)


@pytest.mark.parametrize(
    "url", ["http://user:pw@blog.example/", "http://ok@8.8.8.8/", "http://blog.example\\@8.8.8.8/"]
)
def test_an_address_with_credentials_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match="name or a password"):
        check_url(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http:///feed",
        "http://[::1",
        "http://[zz]/",
        "http://[fe80::1%25eth0]/",
        "http://exa mple/",
        "http://a..b/",
        "http://.example/",
        "http://%31%32%37.0.0.1/",
        "http://blog.example:99999/",
        "http://\ud800/",
        "http://h\0/",
        "http:\\\\127.0.0.1/",
        "http://" + "a" * 300 + ".example/",
        "http://" + "a." * 200 + "example/",
        "http://" + "ü" * 50_000 + "/",
        "x" * 70_000,
    ],
)
def test_rubbish_is_refused_in_at_most_300_characters(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        check_url(url, PUBLIC)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2606:4700::1%eth0"])
def test_an_address_with_a_zone_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


def test_an_allowed_network_is_exempt_from_the_address_and_port_rules() -> None:
    check_url("http://127.0.0.1:6379/feed", LOOPBACK)


def test_the_exemption_of_one_network_covers_no_other() -> None:
    with pytest.raises(AddressRefused):
        check_url("http://10.0.0.1/feed", LOOPBACK)


def test_an_odd_port_of_a_public_address_is_refused_beside_an_exemption() -> None:
    with pytest.raises(AddressRefused, match="port 6379"):
        check_url("http://8.8.8.8:6379/feed", LOOPBACK)


def test_a_name_that_leads_to_a_public_address_gets_no_odd_port_through_an_exemption() -> None:
    with pytest.raises(AddressRefused, match="port 6379"):
        ask("http://blog.example:6379/", resolver=Names(blog_example=[["8.8.8.8"]]))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"])
def test_no_connection_is_made_to_a_refused_address(server: FeedServer, host: str) -> None:
    policy = dataclasses.replace(PUBLIC, allowed_ports=ALL_PORTS)
    with pytest.raises(AddressRefused):
        ask(server.url("/feed", host=host), policy)
    assert server.requests == []


@pytest.mark.parametrize(
    "answers",
    [
        ["10.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["2606:4700::1", "::1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%lo"],
    ],
)
def test_a_name_with_any_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(AddressRefused):
        ask("http://blog.example/", PUBLIC, resolver=Names(blog_example=[answers]))


def test_the_connection_goes_to_the_address_that_was_checked(server: FeedServer) -> None:
    with FeedServer(host="127.0.0.2") as other:
        names = Names(blog_example=[["127.0.0.1"], ["127.0.0.2"]])
        ask(server.url("/feed", host="blog.example"), resolver=names)
        assert (server.paths(), other.paths(), names.asked) == (["/feed"], [], ["blog.example"])


def test_the_name_is_looked_up_again_at_every_hop(server: FeedServer) -> None:
    names = Names(blog_example=[["127.0.0.1"], ["10.0.0.1"]])
    server.add("/old", Answer.redirect(server.url("/feed", host="blog.example")))
    with pytest.raises(AddressRefused):
        ask(server.url("/old", host="blog.example"), resolver=names)


def test_an_exempt_address_beside_a_private_one_is_refused(server: FeedServer) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(ip_network("127.0.0.1/32"),))
    with pytest.raises(AddressRefused):
        ask(server.url("/feed", host="blog.example"), policy, resolver=Names(blog_example=[["127.0.0.1", "127.0.0.2"]]))


def test_host_header_and_response_url_keep_the_name(server: FeedServer) -> None:
    url = server.url("/feed", host="blog.example")
    response = ask(url, resolver=Names(blog_example=[["127.0.0.1"]]))
    assert (server.requests[0].headers["host"], response.url) == (f"blog.example:{server.port}", url)


@pytest.mark.parametrize("answers", [["127.0.0.9", "127.0.0.1"], ["::1", "127.0.0.1"]])
def test_the_next_address_is_tried_where_nobody_answers(server: FeedServer, answers: list[str]) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(*LOOPBACK.allowed_networks, ip_network("::1/128")))
    names = Names(blog_example=[answers])
    assert ask(server.url("/feed", host="blog.example"), policy, resolver=names).status == 200


def test_a_name_without_address_is_not_found() -> None:
    with pytest.raises(NameNotFound):
        ask("http://blog.example/", resolver=Names(blog_example=[[]]))


@pytest.mark.parametrize(
    ("number", "kind"),
    [(socket.EAI_NONAME, NameNotFound), (socket.EAI_FAIL, NameNotFound), (socket.EAI_AGAIN, ConnectionFailed)],
)
def test_a_failing_name_server_is_told_from_an_unknown_name(number: int, kind: type[IngestError]) -> None:
    async def fail(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(number, "no")

    with pytest.raises(kind):
        ask("http://blog.example/", resolver=fail)


def test_the_systems_resolver_answers_by_default(server: FeedServer) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(*LOOPBACK.allowed_networks, ip_network("::1/128")))
    assert ask(server.url("/feed", host="localhost"), policy).status == 200


def test_proxies_of_the_environment_are_ignored(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with FeedServer(host="127.0.0.2") as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        ask(server.url("/feed"))
        assert proxy.requests == []


def test_passwords_of_netrc_are_ignored(server: FeedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask(server.url("/feed"))
    assert "authorization" not in server.requests[0].headers


def test_nobody_at_a_port_is_said_plainly() -> None:
    with FeedServer() as server:
        url = server.url("/feed")
    with pytest.raises(ConnectionFailed, match="nobody answers at that port"):
        ask(url)


def test_a_connection_reset_is_said_plainly(server: FeedServer) -> None:
    with pytest.raises(ConnectionFailed, match="closed early"):
        ask(server.add("/reset", Raw([], ending="reset")))


class Authority:
    """A certificate authority of the test's own, and the servers that it vouches for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self._certificate = self._sign(self._name, self._key, [], is_authority=True)

    def trusted(self) -> ssl.SSLContext:
        """For a client that trusts this authority and no other."""
        return ssl.create_default_context(cadata=self._certificate.public_bytes(serialization.Encoding.DER))

    def server_context(self, name: str, *, days_left: int = 30) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test server")])
        return self._context(self._sign(subject, key, [x509.DNSName(name)], days_left=days_left), key)

    def own_context(self) -> ssl.SSLContext:
        """For a server that shows the authority's own, self-signed certificate."""
        return self._context(self._certificate, self._key)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        names: list[x509.DNSName],
        *,
        is_authority: bool = False,
        days_left: int = 30,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days_left))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=is_authority,
                    crl_sign=is_authority,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _context(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def ask_secured(context: ssl.SSLContext, trusted: ssl.SSLContext | None, host: str = "blog.example") -> Response:
    with FeedServer(ssl_context=context) as server:
        server.add("/feed", Answer(b"<rss/>"))
        names = Names(blog_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        return ask(server.url("/feed", host=host), resolver=names, ssl_context=trusted)


def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(authority: Authority) -> None:
    assert ask_secured(authority.server_context("blog.example"), authority.trusted()).body == b"<rss/>"


def test_the_dot_after_a_name_is_not_part_of_the_certificate(authority: Authority) -> None:
    context = authority.server_context("blog.example")
    with FeedServer(ssl_context=context) as server:
        server.add("/feed", Answer(b"<rss/>"))
        names = Names(blog_example_=[["127.0.0.1"]])
        assert ask(server.url("/feed", host="blog.example."), resolver=names, ssl_context=authority.trusted()).body


def test_the_server_is_told_the_name_that_is_asked_for(authority: Authority) -> None:
    told: list[str | None] = []
    context = authority.server_context("blog.example")
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    ask_secured(context, authority.trusted())
    assert told == ["blog.example"]


def test_a_self_signed_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="signed by nobody we know"):
        ask_secured(authority.own_context(), None)


def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="signed by nobody we know"):
        ask_secured(authority.server_context("blog.example"), None)


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="for another name"):
        ask_secured(authority.server_context("blog.example"), authority.trusted(), host="other.example")


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="has expired"):
        ask_secured(authority.server_context("blog.example", days_left=-1), authority.trusted())


def test_a_server_that_speaks_no_tls_is_said_plainly(server: FeedServer) -> None:
    server.add("/feed", Answer(b"plain"))
    with pytest.raises(ConnectionFailed, match="no encrypted connection"):
        ask(server.url("/feed").replace("http:", "https:"))


def test_a_bad_certificate_is_not_retried_without_encryption(authority: Authority) -> None:
    with FeedServer(ssl_context=authority.own_context()) as server:
        server.add("/feed", Answer(b"<rss/>"))
        with pytest.raises(TlsFailed):
            ask(server.url("/feed"))
        assert server.requests == []
