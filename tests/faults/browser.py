"""A browser without a screen: a session, its cookies, and forms sent as they were shown."""

import http.client
import re
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

FORM = "application/x-www-form-urlencoded"

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')


@dataclass
class Answer:
    """What came back, and after how many seconds."""

    status: int
    text: str
    location: str
    seconds: float
    content: bytes


@dataclass
class Browser:
    """Speaks to one port of this machine; one connection a request."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    patience: float = 30

    @classmethod
    def of(cls, user: object, port: int) -> "Browser":
        """Signed in by a session's row."""
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[arg-type]
        name = settings.SESSION_COOKIE_NAME
        return cls(port, {name: client.cookies[name].value})

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self.ask("POST", path, urlencode(fields))

    def upload(self, path: str, fields: dict[str, str], file: tuple[str, str, bytes]) -> Answer:
        """Post fields and one file: its field, its name, its bytes."""
        name, filename, content = file
        told = {**fields, name: SimpleUploadedFile(filename, content)}
        return self.ask("POST", path, encode_multipart(BOUNDARY, told), MULTIPART_CONTENT)

    def ask(
        self, method: str, path: str, body: str | bytes | None = None, kind: str = FORM
    ) -> Answer:
        """One request on a connection of its own; OSError when nobody answers."""
        began = time.monotonic()
        link = self.send(method, path, body, kind)
        try:
            response = link.getresponse()
            content = response.read()
        finally:
            link.close()
        for header in response.headers.get_all("Set-Cookie") or []:
            name, value = header.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return Answer(
            response.status,
            content.decode(errors="replace"),
            response.headers.get("Location", ""),
            time.monotonic() - began,
            content,
        )

    def send(
        self, method: str, path: str, body: str | bytes | None = None, kind: str = FORM
    ) -> http.client.HTTPConnection:
        """Send and do not read: the caller may drop the connection."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = kind
        link.request(method, path, body, headers)
        return link

    def drop(self, path: str, fields: dict[str, str]) -> None:
        """Post, and lose the connection before the answer."""
        self.send("POST", path, urlencode(fields)).close()

    def form(self, page: str, action: str = "") -> dict[str, str]:
        """The hidden fields of the form of a page that posts to ``action``, as shown now.

        Without ``action``, the one that posts to the page itself.
        """
        text = self.get(page).text
        opened = r'<form(?![^>]*action=)[^>]*method="post"[^>]*>'
        if action:
            opened = rf'<form[^>]*action="{re.escape(action)}"[^>]*>'
        found = re.search(rf"{opened}(.*?)</form>", text, re.DOTALL)
        if found is None:
            raise AssertionError(f"no form to {action} on {page}")
        inputs = [dict(ATTRIBUTE.findall(tag)) for tag in INPUT.findall(found[1])]
        return {i["name"]: unescape(i.get("value", "")) for i in inputs if i["type"] == "hidden"}
