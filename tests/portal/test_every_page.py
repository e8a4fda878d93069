"""Every page that a person of the demonstration reaches by its links answers, within 15 queries."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve

from members.models import User

LINK = re.compile(r'href="([^"#]+)"')
MOST_QUERIES = 15
PER_VIEW = 3
"""Addresses opened of each view: an empty object and a full one, not fifty like it."""


@pytest.fixture
def demonstration(db, settings) -> None:
    settings.DEMONSTRATION = True
    call_command("seed_demonstration")


def view_of(url: str) -> str:
    """The name of the portal's page at an address; empty elsewhere and for files."""
    if not url.startswith("/") or "format=" in url or url.startswith(("/sante", "/static")):
        return ""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def queries_of(client: Client, url: str) -> tuple[int, str]:
    """How many queries a page costs, and its text; an error of the page is ours."""
    count = 0

    def counting(execute, *args):
        nonlocal count
        count += 1
        return execute(*args)

    with connection.execute_wrapper(counting):
        page = client.get(url)
    for close in page._resource_closers:  # a file to download; close() would end the connection
        close()
    assert page.status_code < 500, url
    shown = page.status_code == 200 and page["Content-Type"].startswith("text/html")
    return count, page.content.decode() if shown else ""


def walk(client: Client) -> Iterator[tuple[str, int, str]]:
    """View, queries and address of each page, from home, the nearest first."""
    waiting, met, opened = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        url = waiting.popleft()
        view = view_of(url)
        if not view or opened[view] >= PER_VIEW:
            continue
        opened[view] += 1
        count, text = queries_of(client, url)
        yield view, count, url
        found = [urljoin(url, unescape(link)) for link in LINK.findall(text)]
        waiting += [link for link in found if link not in met]
        met |= set(found)


def test_every_page_reached_by_its_links_answers_within_fifteen_queries(demonstration, client):
    met: set[str] = set()
    costly = {}
    for user in User.objects.filter(email__endswith="@exemple.test").order_by("pk"):
        client.force_login(user)
        for view, count, url in walk(client):
            met.add(view)
            if count > MOST_QUERIES:
                costly[view] = f"{view}: {count} at {url} by {user.email}"
    print(f"{len(met)} views opened by their links")
    assert len(met) > 150
    assert not costly, "\n".join(sorted(costly.values()))
