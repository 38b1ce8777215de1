"""The ways of fetching, by ``Wanted.way``."""

from speak.fetching import http

WAYS = {"http": http.download}
