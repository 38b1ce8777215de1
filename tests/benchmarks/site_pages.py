"""What a visitor of the leaderboard does and sees."""

import pytest


def wait_until(page, expression):
    """Playwright's own waiting evaluates text inside the page, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {expression}")


def choose(page, name, value):
    page.locator(f"select[name={name}]").select_option(value)


def shown_keys(page, part="competing"):
    rows = page.locator(f"section.panel:not([hidden]) tbody.{part} tr[data-key]:not([hidden])")
    return rows.evaluate_all("rows => rows.map(row => row.dataset.key)")


def header(page, title):
    return page.locator("section.panel:not([hidden]) thead th").filter(has=page.get_by_role("button", name=title))
