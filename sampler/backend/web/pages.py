"""The interactive documentation: Swagger UI, every byte of it served by us."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

_PACKAGE = "swagger_ui"  # of the wheel swagger-ui-py, which carries a version that reads OpenAPI 3.1
_HEADERS = {
    # Nothing inline and nobody else's; `data:` are the little pictures in its style sheet.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "max-age=3600",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>sampler backend</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_FILES: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


@get("/docs", opt={"scope": None}, include_in_schema=False)
async def docs() -> Response[str]:
    """Show the documentation."""
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


@get("/docs/start.js", opt={"scope": None}, include_in_schema=False)
async def start() -> Response[str]:
    """Start it: a file of its own, because nothing inline is run."""
    return Response(_START, media_type="text/javascript", headers=_HEADERS)


@get("/docs/{name:str}", opt={"scope": None}, include_in_schema=False, sync_to_thread=True)
def file(name: FromPath[str]) -> Response[bytes]:
    """Give a file of Swagger UI."""
    media_type = _FILES.get(name)
    if media_type is None:
        raise NotFoundException
    return Response((_folder() / name).read_bytes(), media_type=media_type, headers=_HEADERS)


@get("/favicon.ico", status_code=204, opt={"scope": None}, include_in_schema=False)
async def favicon() -> None:
    """Have none: browsers ask for it wherever they are."""


def _folder() -> Path:
    # Found, not imported: its code would bring a web framework's templates.
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise NotFoundException("The pages are not installed: pip install swagger-ui-py.")
    return Path(package.origin).parent / "static"


ROUTES = [docs, start, file, favicon]
