"""Small studies from drawn videos, a server for them, and participants that speak HTTP."""

import contextlib
import html
import re
import socket
import threading
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import requests
import uvicorn

from benchmarks.study.app import Served, make_app
from benchmarks.study.config import CONFIG, read_config
from benchmarks.study.design import FILE, read_design
from benchmarks.study.invitations import EXPERIMENTER, read_links, read_tokens
from benchmarks.study.making import make_study
from benchmarks.study.questions import QUESTIONS
from benchmarks.study.storage import Store, sqlite_url
from speak.files import sha256_of
from speak.media.video import VideoCodec, encode_video

METHODS = ("ground_truth", "speak", "wav2lip")
DATASETS = ("mead", "crema_d")
CODEC = VideoCodec(fps=10.0, crf=30, preset="ultrafast")
RATE = 16_000
SECONDS, ONSET_S = 0.8, 0.3
GOOD = dict.fromkeys(QUESTIONS, 4)


def tiny_config(**changes):
    """Three participants, six videos each, of three methods and two datasets."""
    paper = read_config(CONFIG)
    small = {
        "participants": 3,
        "videos": 6,
        "methods": METHODS,
        "datasets": DATASETS,
        "clips_per_dataset": 2,
        "training": 1,
        "media": replace(paper.media, codec=CODEC, sample_rate=RATE),
        "min_watched_share": 0.0,
    }
    return replace(paper, **(small | changes))


def write_generated(folder, methods=METHODS, clips=4, seconds=SECONDS):
    """A run's generated videos: bright from ``ONSET_S`` on, when the tone begins; each method as loud as it likes."""
    samples, frames = round(seconds * RATE), round(seconds * CODEC.fps)
    tone = np.sin(np.arange(samples) / 5).astype(np.float32) * (np.arange(samples) >= ONSET_S * RATE)
    for place, method in enumerate(methods):
        own = folder / "group" / method / "0"
        own.mkdir(parents=True)
        rows = []
        for dataset in DATASETS:
            for number in range(clips):
                pictures = np.full((frames, 64, 64, 3), 20 * number, np.uint8)
                pictures[round(ONSET_S * CODEC.fps) :, :, :, place % 3] = 200
                name = f"{dataset}__{number}.mp4"
                sound = tone * (0.05 + 0.2 * place)
                (own / name).write_bytes(encode_video(pictures, CODEC, audio=sound, sample_rate=RATE))
                clip = {"clip_id": f"{dataset}/c{number}", "dataset": dataset, "person": f"{dataset}-P{number % 2}"}
                rows.append({**clip, "file": name, "reason": None})
        pd.DataFrame(rows).to_parquet(own / "index.parquet")
    return folder


def tiny_study(folder, seconds=SECONDS, **changes):
    """Make such a study in ``folder``; returns its design."""
    generated = folder.parent / f"{folder.name}-generated"
    write_generated(generated, seconds=seconds)
    return make_study(folder, generated, tiny_config(**changes))


def free_port():
    """A loopback port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(folder, database=None):
    """Serve a study from a thread; yields its store and everybody's link."""
    design, port = read_design(folder), free_port()
    url = f"http://127.0.0.1:{port}"
    store = Store(database or sqlite_url(folder), design.study)
    store.begin(sha256_of(folder / FILE), list(design.sequences))
    app = make_app(Served(folder, design, store, read_tokens(folder)), url)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(port)
    try:
        yield store, read_links(folder, url)
    finally:
        server.should_exit = True
        thread.join()
        store.close()


def wait_for(port):
    """Until somebody listens."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at {port}")


class Client:
    """A participant without a browser."""

    def __init__(self, link):
        self.link, self.origin = link, link.split("/study/")[0]
        self.http = requests.Session()
        self.http.trust_env = False

    def post(self, action, body, **headers):
        """Post as a page of the study does."""
        sent = {"Origin": self.origin} | headers
        return self.http.post(f"{self.link}/{action}", json=body, headers=sent, timeout=30)

    def page(self):
        """The page that this participant sees now."""
        return self.http.get(f"{self.link}/now", timeout=30).text

    def begin(self, design):
        """Consent, read, hear; up to the first item."""
        self.http.get(self.link, timeout=30)
        heard = {"digit": design.screen_check.digit, "beeps": design.screen_check.beeps}
        for action, body in (("consent", {}), ("instructions", {}), ("screen", heard)):
            assert self.post(action, body).status_code == 200

    def current(self):
        """Position and video of the item on the page; None at the end."""
        found = re.search(r'data-position="(\d+)" data-video="(\w+)"', html.unescape(self.page()))
        return (int(found[1]), found[2]) if found else None

    def rate(self, position, video, scores=GOOD, **headers):
        """Send the answers about a video."""
        return self.post("rating", {"position": position, "video": video, "scores": scores}, **headers)


def first_link(links):
    """Of the first participant."""
    return next(link for name, link in links.items() if name != EXPERIMENTER)
