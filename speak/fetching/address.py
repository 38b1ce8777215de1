"""What may be said of an address: who is asked, and the address without secrets."""

from urllib.parse import parse_qsl, urlsplit, urlunsplit

SHOWN = ("v", "id")
"""Query parameters that name a file (a video of YouTube, a file of Drive); any other may be a key or a signature."""


def host_of(address: str) -> str:
    """The server an address asks, with its port where it states one; empty where it names no server."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def printable(address: str) -> str:
    """The address without user, password, fragment and the values of query parameters outside ``SHOWN``."""
    host = host_of(address)
    if not host:
        return "(not an address)"
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{name}={value if name in SHOWN else '...'}" for name, value in pairs)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))
