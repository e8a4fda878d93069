"""The child process of ``render_pdf``: HTML on standard input, PDF/UA-1 on standard output."""

import resource
import sys
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "static"
PREFIX = "static:"


def bundled_only(url: str, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """Serve ``static:…`` from the project's own assets and refuse any other address."""
    path = (STATIC / url.removeprefix(PREFIX)).resolve()
    if not url.startswith(PREFIX) or not path.is_relative_to(STATIC):
        raise ValueError(f"refused address: {url}")
    return {"file_obj": path.open("rb"), "mime_type": _mime(path)}


def _mime(path: Path) -> str:
    return {".css": "text/css", ".svg": "image/svg+xml"}.get(path.suffix, "image/png")


def main() -> None:
    """Limit this process's memory, then render."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    from weasyprint import HTML

    html = sys.stdin.buffer.read().decode()
    document = HTML(string=html, url_fetcher=bundled_only, base_url="static:")
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1") or b"")


if __name__ == "__main__":
    main()
