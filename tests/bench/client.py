"""Requests over HTTP on loopback, timed: page, bare, page, bare… (D-53)."""

import http.client
import statistics
import time
from dataclasses import dataclass

from tests.bench.counting import HEADER
from tests.bench.web import HOST

WARM_UPS, REQUESTS = 20, 200
BARE = "/bare/"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gave, and in how many milliseconds."""

    status: int
    ms: float
    queries: int
    size: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A page beside the bare view."""

    p50: float
    p95: float
    bare: float
    queries: int
    size: int

    @property
    def ratio(self) -> float:
        """How many bare views the page costs."""
        return self.p50 / self.bare


@dataclass(frozen=True, slots=True)
class Browser:
    """Someone signed in, or nobody."""

    port: int
    session: str = ""

    def get(self, path: str) -> Answer:
        """One request, from the connection to the last byte."""
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Accept-Language": "fr-CA"}
        if self.session:
            headers["Cookie"] = f"__Host-session={self.session}"
        began = time.perf_counter()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        body = answer.read()
        ms = (time.perf_counter() - began) * 1000
        link.close()
        return Answer(answer.status, ms, int(answer.headers.get(HEADER, 0)), len(body))

    def page(self, path: str) -> Answer:
        """The same for a page that must be there."""
        answer = self.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer

    def measure(self, path: str) -> Measure:
        """Twenty warm-ups, then two hundred requests that alternate with the bare view."""
        nobody = Browser(self.port)
        for _ in range(WARM_UPS // 2):
            self.page(path)
            nobody.page(BARE)
        pairs = [(self.page(path), nobody.page(BARE)) for _ in range(REQUESTS // 2)]
        times = sorted(page.ms for page, _ in pairs)
        return Measure(
            p50=statistics.median(times),
            p95=statistics.quantiles(times, n=20)[-1],
            bare=statistics.median(bare.ms for _, bare in pairs),
            queries=max(page.queries for page, _ in pairs),
            size=pairs[0][0].size,
        )
