"""Fixtures shared by all tests."""

import os
import shutil
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # no timing is asserted in tests, not even by hypothesis
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real samples beside the checkout (not part of the product); skips where it is absent."""
    folder = Path(os.environ.get("SPEAK_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"real samples are not on this machine ({folder}); set SPEAK_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def realdata(shared: Path) -> Path:
    """Real clips, with their ``manifest.csv``; skips where they are absent."""
    return shared / "realdata"


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium under Playwright; skips where either is absent."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (the dev extra has it)")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as engine:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
        found = engine.chromium.launch(executable_path=chromium, args=arguments)
        yield found
        found.close()
