"""What every answer carries and every request must fit, before any page is asked."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("speak.study")
"""Refusals; never a token, nor anything that was sent."""
MAX_BODY_BYTES = 4096
POLICY = "; ".join(
    [
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "media-src 'self'", "connect-src 'self'", "img-src data:"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # a token stands in the address
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Guard:
    """ASGI middleware: refuses posts of other sites and large ones; adds the headers of safety."""

    def __init__(self, app: ASGIApp, origin: str):
        self.app, self.origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {"Cache-Control": "no-store", **HEADERS}.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is None:
            return await self.app(scope, receive, sending)
        status, message = refusal
        refused(status, message, scope["method"])
        return await JSONResponse({"error": message}, status)(scope, receive, sending)

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if method in ("GET", "HEAD"):
            return None
        if method != "POST":
            return 405, "Only GET and POST are answered."
        if headers.get("origin") != self.origin:
            return 403, f"Posts must come from the study's own pages at {self.origin}."
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return 415, "Posts must be JSON."
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "Posts must say how long they are."
        return (413, "The post is too long.") if int(length) > MAX_BODY_BYTES else None


def refused(status: int, message: str, action: str, who: str | None = None) -> None:
    """Write a refusal into the log."""
    LOG.warning("refused %d: %s of %s: %s", status, action, who or "somebody", message)
