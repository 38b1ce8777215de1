"""Distance, offset and gap come from one embedding of each clip, whatever order they are asked in."""

import numpy as np
import pytest
from clip_pairs import CONFIG, pair
from test_sync_conf import embeddings

from speak.metrics import METRICS, Judges
from speak.metrics.sync_conf import sync_confidence
from speak.metrics.sync_search import clip_sync_dist, clip_sync_gap, clip_sync_offset

REFERENCE, GENERATED = np.zeros((30, 16, 16, 3), np.uint8), np.ones((30, 16, 16, 3), np.uint8)


class Network:
    """Knows the reference's frames from the generated ones; counts how often it is asked."""

    def __init__(self, reference, generated):
        self.reference, self.generated, self.asked = reference, generated, 0

    def __call__(self, frames, _audio, _landmarks):
        self.asked += 1
        return self.reference if frames is REFERENCE else self.generated


def clip(reference, generated, **parts):
    return pair(REFERENCE, GENERATED, judges=Judges(sync=Network(reference, generated)), **parts)


@pytest.mark.parametrize("delay", [-6, 0, 4])
def test_the_search_is_that_of_sync_conf(delay):
    own, made = embeddings(), embeddings(delay, noise=0.1)
    confidence, distance, offset = sync_confidence(*made)
    assert offset == delay
    searched = clip(own, made)
    assert clip_sync_dist(searched, CONFIG).value == distance
    assert clip_sync_offset(searched, CONFIG).value == abs(delay)
    gap = abs(confidence - sync_confidence(*own)[0])
    assert clip_sync_gap(searched, CONFIG).value == pytest.approx(gap) and gap > 0


def test_more_confident_than_the_real_clip_is_off_too():
    noisy, clear = embeddings(noise=0.2), embeddings()
    assert clip_sync_gap(clip(noisy, clear), CONFIG).value == clip_sync_gap(clip(clear, noisy), CONFIG).value > 0.1


def test_nulls_say_whose_they_are():
    short, enough = embeddings(length=9), embeddings(length=30)
    assert clip_sync_gap(clip(enough, short), CONFIG).reason.startswith("9 sync windows")
    assert clip_sync_gap(clip(short, enough), CONFIG).reason.startswith("the reference: 9 sync windows")
    for metric in (clip_sync_dist, clip_sync_offset, clip_sync_gap):
        assert metric(pair(REFERENCE, GENERATED), CONFIG).reason == "no sync network"


def test_each_clip_and_sound_is_embedded_once():
    both = clip(embeddings(), embeddings(3), other_audio=np.ones(16000, np.float32))
    for metric in METRICS.values():
        metric.compute(both, CONFIG)
    assert both.judges.sync.asked == 3  # generated, reference, and generated with the other sound
