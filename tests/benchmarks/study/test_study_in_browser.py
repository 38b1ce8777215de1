"""A participant in a real browser: a whole session, a closed tab, a phone, the keyboard alone; and the experimenter."""

import pytest
from contrast import WORST_CONTRAST
from made_study import Client, tiny_study
from watched_pages import watched

from benchmarks.study.questions import QUESTIONS

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 900}}
LIMIT_MS = 20_000
OFFLINE = "Failed to load resource: net::ERR_FAILED"
"""What Chromium logs when a test cuts the connection."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / "study"
    return folder, tiny_study(folder, min_watched_share=0.95)


@pytest.fixture
def visit(browser):
    """``visit(link, **options)`` opens a page; at the end nothing was logged or asked of another place."""
    with watched(browser, allowed=(OFFLINE,), limit_ms=LIMIT_MS) as opened:
        yield lambda link, **options: opened(link, **(DESK | options))


def agree(page):
    page.get_by_label("I agree to take part").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("heading", name="How to rate").wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Picture and sound").wait_for()


def play(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator("fieldset.answers:not([disabled])").wait_for()


def pass_screen_check(page, design):
    play(page)
    choose(page, "digit", design.screen_check.digit)
    choose(page, "beeps", design.screen_check.beeps)
    page.get_by_role("button", name="Go on").click()
    at_video(page, 1)


def choose(page, name, value):
    page.locator(f"input[name={name}][value='{value}']").check()


def at_video(page, number):
    page.get_by_role("heading", name=f"Video {number} of", exact=False).wait_for()


def rate(page, number, total, score=3):
    at_video(page, number)
    play(page)
    for name in QUESTIONS:
        choose(page, name, score)
    page.get_by_role("button", name="Save and go on").click()
    if number < total:
        at_video(page, number + 1)
    else:
        page.get_by_role("heading", name="Thank you").wait_for()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("who", "screen"), [("p01", DESK), ("p02", PHONE)])
def test_a_whole_session_with_a_closed_tab_in_the_middle(served, visit, who, screen):
    store, links, design = served
    total = len(design.sequences[who])
    page = visit(links[who], **screen)
    agree(page)
    pass_screen_check(page, design)
    for number in range(1, total // 2 + 1):
        rate(page, number, total)
    at_video(page, total // 2 + 1)
    play(page)
    choose(page, "lip_sync", 5)  # chosen, not saved: the tab is closed
    page.close()
    assert store.progress(who).answered == total // 2
    page = visit(links[who], **screen)
    for number in range(total // 2 + 1, total + 1):
        rate(page, number, total)
    rows = [row for row in store.ratings() if row["participant"] == who]
    assert len(rows) == total * len(QUESTIONS) and {row["score"] for row in rows} == {3}
    assert len({row["session"] for row in rows}) == 2


@pytest.mark.timeout(300)
def test_the_keyboard_alone_is_enough(served, visit):
    store, links, design = served
    page = visit(links["p01"])
    press = page.keyboard.press
    press("Tab"), press("Space"), press("Tab"), press("Enter")
    page.get_by_role("heading", name="How to rate").wait_for()
    press("Tab"), press("Enter")
    page.get_by_role("heading", name="Picture and sound").wait_for()
    play_by_key(page)
    press(str(design.screen_check.digit)), press("Tab"), press(str(design.screen_check.beeps)), press("Enter")
    at_video(page, 1)
    play_by_key(page)
    for score in (2, 3, 4):
        press(str(score)), press("Tab")
    press("Enter")
    at_video(page, 2)
    assert store.scores("p01", 1) == dict(zip(QUESTIONS, (2, 3, 4), strict=True))


def play_by_key(page):
    page.locator("#play:enabled:focus").wait_for()
    page.keyboard.press("Space")
    page.locator("fieldset.answers:not([disabled]) input:focus").wait_for()


@pytest.fixture
def at_first_video(served, visit):
    """Options of the screen to a page that shows the first video."""
    _, links, design = served
    Client(links["p01"]).begin(design)
    return lambda **options: visit(links["p01"], **options)


def test_nothing_can_be_answered_before_the_end_and_nobody_jumps_there(at_first_video):
    page = at_first_video()
    assert page.locator("fieldset.answers").evaluate("node => node.disabled")
    assert not page.locator("video").evaluate("video => video.controls")
    wait_for_video = "video => new Promise((done) => video.readyState ? done() : video.onloadedmetadata = done)"
    page.locator("video").evaluate(wait_for_video)
    page.locator("video").evaluate("video => { video.currentTime = video.duration - 0.01; }")
    page.wait_for_timeout(500)
    assert page.locator("video").evaluate("video => video.currentTime") < 0.4
    assert page.locator("fieldset.answers").evaluate("node => node.disabled")


def test_going_back_shows_where_one_stands(at_first_video, served):
    page = at_first_video()
    rate(page, 1, 10)
    address = page.url
    page.go_back()
    page.goto(address)
    at_video(page, 2)
    assert served[0].progress("p01").answered == 1


def test_a_double_click_moves_on_by_one(at_first_video, served):
    page = at_first_video()
    play(page)
    for name in QUESTIONS:
        choose(page, name, 2)
    page.get_by_role("button", name="Save and go on").dblclick()
    at_video(page, 2)
    page.wait_for_timeout(300)
    assert served[0].progress("p01").answered == 1


def test_what_cannot_be_saved_is_sent_again(at_first_video, served, browser):
    page = at_first_video()
    lost = []
    page.route("**/rating", lambda route: lost.append(1) or route.abort() if not lost else route.continue_())
    play(page)
    for name in QUESTIONS:
        choose(page, name, 2)
    page.get_by_role("button", name="Save and go on").click()
    at_video(page, 2)
    assert lost and served[0].progress("p01").answered == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_can_be_read(served, visit, scheme, screen):
    _, links, design = served
    options = screen | {"color_scheme": scheme}
    page = visit(links["p03"], **options)
    width = screen["viewport"]["width"]

    def fits():
        assert page.evaluate("document.documentElement.scrollWidth") == width
        contrast, where = page.evaluate(WORST_CONTRAST)
        assert contrast >= 4.5, where

    fits()
    agree(page)
    fits()
    pass_screen_check(page, design)
    fits()
    play(page)
    choose(page, "lip_sync", 4)
    fits()
    page.goto(links["experimenter"])
    fits()


def test_the_experimenters_page_refreshes_itself(served, visit):
    _, links, design = served
    page = visit(links["experimenter"])
    assert page.get_by_text("0 of 10").count() == 3
    client = Client(links["p01"])
    client.begin(design)
    page.get_by_text("item", exact=True).wait_for()


def test_without_scripts_one_is_told(served, visit):
    _, links, _ = served
    page = visit(links["p01"], java_script_enabled=False)
    assert "needs JavaScript" in page.locator("body").inner_text()
