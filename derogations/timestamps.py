"""Asking a timestamp authority (RFC 3161) over HTTP, patience having an end; and being one.

``http+unix://`` followed by the quoted path of a socket reaches an authority on this machine.
"""

import http.client
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from urllib.parse import unquote, urlsplit

from asn1crypto import tsp
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper, TimestampRequestError

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LARGEST = 64 * 1024
"""bytes"""
CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class TimestampClient(TimeStamper):
    """Asks ``url``; whatever is no granted timestamp is a TimestampRequestError."""

    def __init__(self, url: str, *, seconds: float = 10) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url, self.seconds = url, seconds

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One request, one answer; nothing else runs in the child that asks."""
        try:
            answer = tsp.TimeStampResp.load(self._post(req.dump()), strict=True)
            assert answer["status"]["status"].native
        except (OSError, http.client.HTTPException, ValueError, TypeError) as error:
            raise TimestampRequestError(f"{type(error).__name__}: {error}") from error
        return answer

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> object:
        """A token; one that cannot be read is refused like one that is not given."""
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimestampRequestError(f"unreadable answer: {error!r}") from error

    def _post(self, body: bytes) -> bytes:
        link = _link(self.url, self.seconds)
        try:
            path = "/" if self.url.startswith("http+unix:") else urlsplit(self.url).path or "/"
            link.request("POST", path, body, {"Content-Type": QUERY, "Accept": REPLY})
            answer = link.getresponse()
            content = answer.read(LARGEST)
        finally:
            link.close()
        if answer.status != 200 or answer.headers.get_content_type() != REPLY:
            raise ValueError(f"{answer.status} {answer.headers.get_content_type()}")
        return content


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _link(url: str, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "http+unix":
        return _UnixConnection(unquote(parts.netloc), seconds)
    kinds: dict[str, type[http.client.HTTPConnection]]
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds:
        raise ValueError(f"unknown scheme: {parts.scheme}")
    return kinds[parts.scheme](parts.netloc, timeout=seconds)


class LocalTimestamper(ThreadingMixIn, UnixStreamServer):
    """An authority behind a socket, that stamps with the key and certificate of a PEM file."""

    daemon_threads = True

    def __init__(self, path: Path, pem: bytes) -> None:
        start = pem.index(CERTIFICATE)
        (certificate,) = load_certs_from_pemder_data(pem[start:])
        key = load_private_key_from_pemder_data(pem[:start], None)
        self.stamper = DummyTimeStamper(certificate, key)
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Handler)

    def answer(self, body: bytes) -> bytes:
        """The reply to a request, stamped now."""
        answer: bytes = self.stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()
        return answer


class _Handler(BaseHTTPRequestHandler):
    server: LocalTimestamper

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST))
        try:
            answer = self.server.answer(body)
        except (ValueError, TypeError) as error:
            self.send_error(400, str(error)[:200])
            return
        self.send_response(200)
        self.send_header("Content-Type", REPLY)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        """Nothing: the socket's clients have no address."""
