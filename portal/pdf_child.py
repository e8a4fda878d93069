"""The child process of ``render_pdf``: HTML on standard input, PDF/UA-1 on standard output.

Arguments: most bytes, most seconds; then, when a file is enclosed, the HTML's size, the file's name
and its description: its bytes follow the HTML.
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
    size, seconds, *enclosed = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
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

    read = sys.stdin.buffer.read()
    attachments = []
    if enclosed:
        length, name, description = enclosed
        file = io.BytesIO(read[int(length) :])
        attachments = [Attachment(file_obj=file, name=name, description=description)]
        read = read[: int(length)]
    document = HTML(string=read.decode(), url_fetcher=BundledOnly(), base_url="static:")
    made = document.write_pdf(pdf_variant="pdf/ua-1", attachments=attachments)
    sys.stdout.buffer.write(made or b"")


if __name__ == "__main__":
    main()
