"""The leaderboard in a real browser, from disk: it sorts, filters, plots and plays, and nothing hostile runs."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from contrast import WORST_CONTRAST
from fake_site import FURTHER, METHODS, SHOWN, build_site, run_scores, submission
from site_pages import choose, header, shown_keys, wait_until

from benchmarks.leaderboard.entries import run_entry
from benchmarks.leaderboard.submission import TrainingData
from speak.metrics import METRICS

pytestmark = pytest.mark.browser

EVIL = (
    '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">\'"><svg onload=alert(1)>'
    "javascript:alert(1) {{ 7*7 }} ${7*7}"
)
BIDI = "\u202egnp.exe\u2066"
FOCUSED_CELL = """() => {
  const cell = document.activeElement.closest("td");
  return [cell.dataset.metric, cell.parentElement.dataset.key];
}"""


@pytest.mark.parametrize("name", SHOWN)
def test_every_column_sorts_both_ways_and_unscored_rows_stay_last(site, visit, name):
    page, metric = visit(site.root / "index.html"), METRICS[name]
    values = {key: site.board.cells[key, "mead", name].value for key in ("atvg", "wav2lip", "speak", "mine", "guest/1")}
    rising = sorted(values, key=values.get)
    best_first = rising[::-1] if metric.higher_is_better else rising
    head = page.locator(f"section.panel:not([hidden]) th[data-column={name}]")
    if name != "ssim":  # the table opens sorted by it
        head.get_by_role("button").click()
    assert shown_keys(page) == best_first
    assert head.get_attribute("aria-sort") == ("descending" if metric.higher_is_better else "ascending")
    head.get_by_role("button").click()
    assert shown_keys(page) == best_first[::-1]
    assert page.locator("section.panel:not([hidden]) [aria-sort]").count() == 1
    if name == "psnr":
        assert shown_keys(page, "reference")[-1] == "ground_truth"
        head.get_by_role("button").click()
        assert shown_keys(page, "reference")[-1] == "ground_truth"


def test_names_and_coverage_sort_too(site, visit):
    page = visit(site.root / "index.html")
    header(page, "Method").get_by_role("button").click()
    assert shown_keys(page) == ["atvg", "guest/1", "mine", "speak", "wav2lip"]
    header(page, "Coverage").get_by_role("button").click()
    assert shown_keys(page)[-1] == "wav2lip"


def test_rows_are_found_by_text_kind_and_training_and_columns_by_group(site, visit):
    page = visit(site.root / "index.html")
    assert shown_keys(page, "ablation") == []
    page.get_by_label("ablation").check()
    assert shown_keys(page, "ablation") == ["speak_no_pose"]
    choose(page, "trained", "yes")
    assert sorted(shown_keys(page)) == ["guest/1", "wav2lip"] and shown_keys(page, "reference") == []
    page.get_by_label("baseline").uncheck()
    assert shown_keys(page) == ["guest/1"] and page.locator("#count").inner_text() == "1 of 8 methods"
    choose(page, "trained", "")
    page.get_by_label("Find").fill("spe")
    assert shown_keys(page) == ["speak"]
    columns = page.locator("section.panel:not([hidden]) th[data-column]:not([data-column='']):not([hidden])")
    for group, names in (("Table 1, other readings", [FURTHER]), ("All metrics", [*SHOWN, FURTHER])):
        choose(page, "group", group)
        assert columns.evaluate_all("all => all.map(head => head.dataset.column)") == names


def test_tabs_change_the_dataset_by_mouse_and_keys_and_stand_in_the_address(site, visit):
    page = visit(site.root / "index.html")
    page.get_by_role("tab", name="HDTF").click()
    assert page.get_by_role("tabpanel").get_attribute("aria-labelledby") == "tab-2"
    assert page.url.endswith("#hdtf") and page.locator("#pareto-dataset").inner_text() == "HDTF"
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="MEAD").get_attribute("aria-selected") == "true"
    page.goto(f"{(site.root / 'index.html').as_uri()}#hdtf")
    page.reload()
    assert page.get_by_role("tab", name="HDTF").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize(("across", "up"), list(itertools.permutations(SHOWN, 2)))
def test_the_front_is_that_of_brute_force(site, visit, across, up):
    page = visit(site.root / "index.html")
    choose(page, "across", across)
    choose(page, "up", up)
    board, signs = site.board, [1 if METRICS[name].higher_is_better else -1 for name in (across, up)]
    places = {
        entry.label: [
            sign * board.cells[entry.key, "mead", name].value for sign, name in zip(signs, (across, up), strict=True)
        ]
        for entry in board.entries
        if entry.competes
    }
    front = {
        label
        for label, mine in places.items()
        if not any(other != mine and other[0] >= mine[0] and other[1] >= mine[1] for other in places.values())
    }
    marked = page.locator("#plot a.on-front").evaluate_all("all => all.map(a => a.getAttribute('aria-label'))")
    assert set(marked) == front
    said = page.locator("#front").inner_text().removeprefix("On the front: ").removesuffix(".")
    assert set(said.split(", ")) == front
    assert page.locator("#plot a.ours line.error").count() == 2
    boxes = {label: page.locator(f"#plot a[aria-label='{label}'] path.mark").bounding_box() for label in places}
    for one, other in itertools.combinations(places, 2):  # better is to the right, and up
        assert (places[one][0] > places[other][0]) == (boxes[one]["x"] > boxes[other]["x"])
        assert (places[one][1] > places[other][1]) == (boxes[one]["y"] < boxes[other]["y"])


def test_ties_on_the_front_are_kept_and_those_beaten_on_one_axis_are_not(site, visit):
    page = visit(site.root / "index.html")
    for seed in range(40):
        places = np.random.default_rng(seed).integers(0, 4, (8, 2)).tolist()
        points = [{"method": {"competes": i > 0}, "goodness": place, "i": i} for i, place in enumerate(places)]
        found = page.evaluate("points => paretoFront(points).map(point => point.i)", points)
        rivals = list(enumerate(places))[1:]  # the first does not compete
        front = [i for i, (x, y) in rivals if not any(a >= x and b >= y and (a, b) != (x, y) for _, (a, b) in rivals)]
        assert sorted(found) == front


def test_a_number_tells_where_it_comes_from_by_keys_alone(site, visit):
    page = visit(site.root / "index.html")
    seen = []
    page.locator("body").press("Tab")
    for _ in range(60):
        seen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        if page.evaluate("document.activeElement.matches('button.value')"):
            break
        page.keyboard.press("Tab")
    assert len(seen) == len(set(seen)), "no trap on the way"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    first = page.evaluate("document.activeElement.closest('td').dataset.metric")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    name, key = page.evaluate(FOCUSED_CELL)
    assert (first, name) == SHOWN[:2] and key == shown_keys(page)[1]
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    text = dialog.inner_text()
    cell = site.board.cells[key, "mead", name]
    for part in (METRICS[name].id, f"{cell.clips} clips of {cell.persons} persons", "interval", "checkpoint", "abc"):
        assert part in text
    if cell.explain:
        assert f'speak explain "{cell.explain}"' in text
    page.keyboard.press("Escape")
    assert dialog.count() == 0 and page.evaluate(FOCUSED_CELL) == [name, key]
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'across'"):
            return
    pytest.fail("Tab does not lead out of the table")


def test_a_cell_without_a_number_tells_why(site, visit):
    page = visit(site.root / "index.html")
    page.locator("tr[data-key=ground_truth] td[data-metric=psnr] button").first.click()
    assert "identical frames" in page.get_by_role("dialog").inner_text()
    page.get_by_role("button", name="Close").click()
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("name", ["index", *(f"methods/{key}" for key in (*METHODS, "guest__1"))])
def test_every_page_fits_a_small_screen(site, visit, name):
    page = visit(site.root / f"{name}.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "methods/speak", "methods/guest__1"])
def test_text_can_be_read_in_light_and_dark(site, visit, name, scheme):
    page = visit(site.root / f"{name}.html", color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(21, 24, 28)") == (scheme == "dark")
    contrast, where = page.evaluate(WORST_CONTRAST)
    assert contrast >= 4.5, where


def test_paper_gets_every_dataset_and_no_controls(site, visit):
    page = visit(site.root / "index.html")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible() and not page.locator("[role=tablist]").is_visible()
    assert page.locator("table.board").nth(1).is_visible()


def test_without_scripts_all_numbers_are_there(site, visit):
    page = visit(site.root / "index.html", java_script_enabled=False)
    assert page.locator("table.board").count() == 2 and page.locator("table.board").nth(1).is_visible()


def test_hostile_texts_stay_texts(tmp_path, visit):
    scores = run_scores(datasets=("mead",))
    evil_rows = scores[scores["method"] == "mine"].assign(method=EVIL, person=EVIL, checkpoint=EVIL)
    scores = scores.assign(clip_id=scores["clip_id"] + EVIL, reason=scores["reason"] + EVIL)
    evil_rows = evil_rows.assign(clip_id=evil_rows["clip_id"] + EVIL)
    scores = pd.concat([scores, evil_rows])
    guest = submission(
        scores,
        authors=(EVIL,),
        notes=EVIL,
        trained_with=(EVIL,),
        training_data=TrainingData(datasets=(EVIL,), persons=(EVIL,), saw_test=None),
    )
    guest.scores.loc[guest.scores.index[:2], ["value", "reason", "checkpoint"]] = [None, EVIL + BIDI, EVIL + BIDI]
    entries = [run_entry(method) for method in METHODS]
    entries.append(replace(run_entry("mine"), key=EVIL, label=EVIL, note=EVIL, flag=EVIL, facts={EVIL: EVIL}))
    clips = [("mead", "a1" + EVIL)]
    root, _ = build_site(
        tmp_path,
        scores,
        [guest],
        videos=["ground_truth", EVIL],
        clips=clips,
        left_out={EVIL: EVIL},
        entries=entries,
        stamp=EVIL,
    )
    pages = sorted(root.rglob("*.html"))
    assert len(pages) == 1 + len(entries) + 1 and all(page.parent in (root, root / "methods") for page in pages)
    for path in pages:
        page = visit(path)
        assert EVIL in page.locator(".stamp").last.inner_text()
        if path.name == "index.html":
            page.get_by_label("Find").fill("script")
            assert shown_keys(page) == [EVIL]
            page.locator("button.value:visible").first.click()
            assert EVIL in page.get_by_role("dialog").inner_text()
        else:
            for option in page.get_by_label("Worst by").locator("option").all():
                page.get_by_label("Worst by").select_option(option.get_attribute("value"))
        assert page.evaluate("window.__pwned") is None
        assert (
            page.locator("script:not([type])").count() == 1 and page.locator("img, svg[onload], [onerror]").count() == 0
        )
        assert not page.evaluate("[...document.links].some(a => !/^(file|https):/.test(a.protocol ?? 'file:'))")
        assert "\u202e" not in page.content() and "\u2066" not in page.content()
    played = visit(next(path for path in pages if "pwned" in path.name))
    wait_until(played, "truth.readyState >= 2 && made.readyState >= 2")
