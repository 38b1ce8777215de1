"""Many simulated participants at once against a real server process, which may be killed in between."""

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests
from made_study import Client, free_port, wait_for

from benchmarks.study.design import read_design
from benchmarks.study.invitations import EXPERIMENTER, read_links
from benchmarks.study.questions import QUESTIONS

ROOT = Path(__file__).resolve().parents[3]

NO_ANSWER = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, AssertionError)
"""What a participant meets when the server dies: before the answer, or in the middle of it."""


class ServerProcess:
    """``speak-bench study serve`` in a process of its own."""

    def __init__(self, folder, log):
        self.folder, self.log, self.port = folder, log, free_port()
        self.links = read_links(folder, f"http://127.0.0.1:{self.port}")
        self.process = None

    def start(self):
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "benchmarks.bench_cli", "study", "serve", str(self.folder)]
        paths = {"PYTHONPATH": str(ROOT)}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)], cwd=ROOT, env=os.environ | paths, stdout=log, stderr=log
            )
        wait_for(self.port)

    def kill(self):
        """SIGKILL: nothing can be tidied up."""
        self.process.kill()
        self.process.wait()


class Crowd:
    """Every participant of a study in a thread; each notes what the server acknowledged.

    Attributes:
        acknowledged: by participant, position and question: the score that got a 200.
        times_s: how long each rating request took.
        failed: requests that got no answer, and were sent again.
        wrong: answers other than 200.
    """

    def __init__(self, folder, links, pause_s=0.0):
        self.design, self.pause_s = read_design(folder), pause_s
        self.acknowledged, self.times_s, self.failed, self.wrong = {}, [], 0, []
        people = {name: link for name, link in links.items() if name != EXPERIMENTER}
        self.threads = [threading.Thread(target=self._take_part, args=one, daemon=True) for one in people.items()]

    def start(self):
        """Everybody begins."""
        for thread in self.threads:
            thread.start()

    def finish(self):
        """Until everybody is through."""
        for thread in self.threads:
            thread.join()

    def _take_part(self, name, link):
        client, chance = Client(link), random.Random(name)
        self._patiently(lambda: client.begin(self.design))
        while (found := self._patiently(client.current)) is not None:
            time.sleep(self.pause_s * chance.uniform(0.5, 1.5))
            scores = {question: chance.randint(1, 5) for question in QUESTIONS}
            reply = self._patiently(lambda found=found, scores=scores: self._timed(client, found, scores))
            if reply.status_code != 200:
                self.wrong.append((name, found, reply.status_code, reply.text))
                return
            self.acknowledged |= {(name, found[0], question): score for question, score in scores.items()}

    def _timed(self, client, found, scores):
        started = time.perf_counter()
        reply = client.rate(*found, scores)
        self.times_s.append(time.perf_counter() - started)
        return reply

    def _patiently(self, request):
        while True:
            with contextlib.suppress(*NO_ANSWER):
                return request()
            self.failed += 1
            time.sleep(0.2)


def p95_ms(times_s):
    """The time within which 95 of 100 requests were answered, in milliseconds."""
    return 1000 * sorted(times_s)[int(0.95 * len(times_s))]
