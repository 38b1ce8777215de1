"""The leaderboard's pages of a method in a real browser: two videos play as one, the worst clips stand first."""

import pytest
from fake_site import CLIPS
from site_pages import wait_until

pytestmark = pytest.mark.browser


def times(page):
    return page.evaluate("[...document.querySelectorAll('video')].map(video => video.currentTime)")


def test_two_videos_play_pause_and_seek_as_one(site, visit):
    page = visit(site.root / "methods" / "speak.html")
    wait_until(page, "truth.readyState >= 3 && made.readyState >= 3")
    page.get_by_role("button", name="Play").click()
    wait_until(page, "truth.currentTime > 0.4 && made.currentTime > 0.4")
    page.get_by_role("button", name="Pause").click()
    wait_until(page, "truth.paused && made.paused")
    left, right = times(page)
    assert abs(left - right) < 0.15 and left < 2
    slider = page.get_by_role("slider", name="Time")
    slider.fill("1.2")
    wait_until(page, "!truth.seeking && !made.seeking")
    assert times(page) == pytest.approx([1.2, 1.2], abs=0.05)
    slider.press("ArrowRight")
    assert times(page) == pytest.approx([1.24, 1.24], abs=0.03)
    page.get_by_label("Speed").select_option("0.25")
    assert page.evaluate("[truth.playbackRate, made.playbackRate]") == [0.25, 0.25]
    page.get_by_label("sound").check()
    assert page.evaluate("[truth.muted, made.muted]") == [False, True]


def test_a_video_ends_and_plays_again(site, visit):
    page = visit(site.root / "methods" / "speak.html")
    wait_until(page, "truth.readyState >= 3 && made.readyState >= 3")
    page.get_by_role("slider", name="Time").fill("1.8")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Play").wait_for()  # at its end it is "Play" again
    page.get_by_role("button", name="Play").click()
    wait_until(page, "truth.currentTime > 0.1 && truth.currentTime < 1.5 && made.currentTime < 1.5")


def test_worst_clips_stand_first_and_lead_to_their_videos(site, visit):
    page = visit(site.root / "methods" / "wav2lip.html")
    page.get_by_label("Worst by").select_option(label="M-LMD (px) ↓")
    page.get_by_label("Dataset").select_option("mead")
    lines = page.locator("#clip-table tbody tr").all_inner_texts()
    numbers = [float(line.split("\t")[3]) for line in lines[:-1]]
    assert numbers == sorted(numbers, reverse=True) and len(lines) == len(CLIPS)
    assert lines[-1].startswith("b2") and "no face" in lines[-1]
    page = visit(site.root / "methods" / "speak.html")
    page.get_by_role("link", name="a2").first.click()
    wait_until(page, "decodeURIComponent(truth.src).endsWith('/ground_truth/a2.mp4')")
    assert page.evaluate("made.src").endswith("/speak/a2.mp4") and "a2" in page.locator("#playing").inner_text()
    assert page.locator("tr.current").count() == 1 and page.get_by_role("link", name="b1").count() == 0
