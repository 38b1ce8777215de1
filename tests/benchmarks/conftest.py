"""The leaderboard's pages, written once, and a browser that watches them."""

from types import SimpleNamespace

import pytest
from fake_site import build_site, run_scores, submission
from watched_pages import watched

VIDEOS = [("mead", "a1"), ("mead", "a2")]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    scores = run_scores()
    folder = tmp_path_factory.mktemp("site")
    root, board = build_site(folder, scores, [submission(scores)], videos=["ground_truth", "speak"], clips=VIDEOS)
    return SimpleNamespace(root=root, board=board)


@pytest.fixture
def visit(browser):
    """``visit(path)`` opens a page, and at the end nothing was logged, asked, or fetched from elsewhere."""
    with watched(browser) as opened:
        yield lambda path, *, width=1280, **options: opened(
            path.as_uri(), viewport={"width": width, "height": 900}, **options
        )
