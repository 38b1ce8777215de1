"""Pages in a real browser, watched while a test uses them."""

import contextlib


@contextlib.contextmanager
def watched(browser, *, allowed=(), limit_ms=30_000):
    """``opened(address, **options)`` opens a page; at the end nothing was logged, asked, or fetched from elsewhere.

    Args:
        allowed: texts on the console that are no mishap.
        limit_ms: how long an action in the page may take.
    """
    contexts, mishaps = [], []

    def opened(address, **options):
        here = ("/".join(address.split("/")[:3]), "data:")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(limit_ms)
        page.on("console", lambda message: None if message.text in allowed else mishaps.append(message.text))
        page.on("pageerror", lambda error: mishaps.append(str(error)))
        page.on("dialog", lambda dialog: mishaps.append(f"dialog {dialog.message}") or dialog.dismiss())
        page.on("request", lambda asked: None if asked.url.startswith(here) else mishaps.append(asked.url))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not mishaps
