"""The child process of ``render_pdf``: HTML on standard input, PDF/UA-1 on standard output.

Arguments: most bytes, most seconds, the HTML's size; then for each file to enclose, whose bytes
follow the HTML: its name, its description, its size.
"""

import io
import resource
import sys
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "static"
PREFIX = "static:"


def _mime(path: Path) -> str:
    return {".css": "text/css", ".svg": "image/svg+xml"}.get(path.suffix, "image/png")


def main() -> None:
    """Limit this process's memory and its time, even when nobody waits for it, then render."""
    size, seconds, length = map(int, sys.argv[1:4])
    enclosed = zip(sys.argv[4::3], sys.argv[5::3], sys.argv[6::3], strict=True)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    from weasyprint import HTML, Attachment
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class BundledOnly(URLFetcher):
        """Serves ``static:…`` from the project's own assets and refuses any other address."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            path = (STATIC / url.removeprefix(PREFIX)).resolve()
            if not url.startswith(PREFIX) or not path.is_relative_to(STATIC):
                raise ValueError(f"refused address: {url}")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _mime(path)})

    html = sys.stdin.buffer.read(length).decode()
    attachments = [
        Attachment(
            file_obj=io.BytesIO(sys.stdin.buffer.read(int(held))), name=name, description=told
        )
        for name, told, held in enclosed
    ]
    document = HTML(string=html, url_fetcher=BundledOnly(), base_url="static:")
    made = document.write_pdf(pdf_variant="pdf/ua-1", attachments=attachments)
    sys.stdout.buffer.write(made or b"")


if __name__ == "__main__":
    main()
