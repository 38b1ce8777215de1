"""One call renders one clip: who says what and how, acted, filmed and developed, with the exact truth beside it."""

from dataclasses import asdict, dataclass

import numpy as np

from speak.corpus.actor import Actor
from speak.corpus.background import background
from speak.corpus.features import CONTROLS, INDEX
from speak.corpus.figure import figure
from speak.corpus.identity import identity
from speak.corpus.light import light_for
from speak.corpus.palette import display_table
from speak.corpus.performance import Performance, perform, style_for
from speak.corpus.pose import camera_for
from speak.corpus.shade import develop
from speak.corpus.speech import Speech, fill, say
from speak.corpus.voice import voice_for

GRAIN_MARGIN = 48
SEX_NAME = {"f": "female", "m": "male"}


@dataclass(frozen=True, kw_only=True)
class Take:
    """One clip to be rendered.

    Attributes:
        person_seed: who.
        seed: of the performance and the sensor noise.
        scene_seed: of the place and the light.
        sentence: what is said.
        emotion: one of ``EMOTIONS``; ``level`` 1 to 3.
        fps: frames per second.
        duration_s: length; the sentence is spoken once, padded with silence or cut off to fit.
        width: pixels; ``height`` likewise.
        face_scale: head height (chin to crown) as a share of the frame's height.
        motion: factor on head movement, 1 = deviations of 8, 5 and 3 degrees.
        supersample: samples per pixel and axis, 1 or 2.
        view_deg: yaw and pitch of the camera's view of the head (0, 0: from the front).
    """

    person_seed: int
    seed: int
    scene_seed: int
    sentence: str
    emotion: str
    level: int
    fps: float
    duration_s: float
    width: int
    height: int
    face_scale: float
    motion: float
    supersample: int
    view_deg: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Rendered:
    """A rendered clip.

    Attributes:
        frames: (T, H, W, 3) uint8 RGB.
        speech: what is heard, with phones.
        truth: one row per frame. ``points`` (T, K, 2) px; ``lip_gap`` (T,) px between the middles of the inner lips;
            ``pose_deg`` (T, 3) yaw, pitch, roll (signs: ``pose.py``); ``translation`` (T, 3) head units; ``visemes``
            (T, 4) jaw, wide, press, tuck; ``blink`` (T,); ``controls`` (T, C); ``face_box`` (T, 4) left, top, right,
            bottom of the points in px.
        meta: JSON-able: who, what, how, names of points and controls.
    """

    frames: np.ndarray
    speech: Speech
    truth: dict[str, np.ndarray]
    meta: dict


def render(take: Take) -> Rendered:
    """Renders a clip; the same take gives the same bytes."""
    person = identity(take.person_seed)
    speech = _speak(take, person.sex)
    num_frames = round(take.duration_s * take.fps)
    style = style_for(take.person_seed, take.motion, take.view_deg)
    acted = perform(speech, take.emotion, take.level, take.fps, num_frames, take.seed, style)
    frames, truth, names = film(take, acted)
    return Rendered(frames, speech, truth, _meta(take, speech, names))


def _speak(take: Take, sex: str) -> Speech:
    """Says the sentence once and pads it with silence; what does not fit into the take is cut off."""
    voice = voice_for(take.person_seed, SEX_NAME[sex])
    manner = {"emotion": take.emotion, "level": take.level, "seed": take.seed}
    speech = say(take.sentence, voice, **manner, min_duration_s=take.duration_s)
    if speech.duration_s > take.duration_s + 1e-3:
        speech = fill([take.sentence], voice, **manner, duration_s=take.duration_s)
    return speech


def film(take: Take, acted: Performance) -> tuple[np.ndarray, dict[str, np.ndarray], list[str]]:
    """Draws a performance: frames (T, H, W, 3), the truth and the names of its points."""
    background_seed = identity(take.person_seed).background_seed
    scene = np.random.default_rng([background_seed, take.scene_seed, 0x5CE])
    rng = np.random.default_rng([background_seed, take.seed, 0xF11])
    step = take.supersample
    camera = camera_for(take.width * step, take.height * step, take.face_scale)
    built = figure(take.person_seed, _detail(camera.scale))
    light = light_for(scene, built.person.melanin)
    behind = background(scene, take.height, take.width)
    grain = rng.uniform(1.2, 2.6) * rng.standard_normal(
        (take.height + GRAIN_MARGIN, take.width + GRAIN_MARGIN, 3), dtype=np.float32
    )
    actor = Actor(built, camera, light, (take.height * step, take.width * step))
    table = display_table()
    frames = np.zeros((len(acted.controls), take.height, take.width, 3), np.uint8)
    seen = []
    for t, frame in enumerate(frames):
        image, curves = actor.act(acted.controls[t], acted.pose_deg[t], acted.shift[t])
        y, x = rng.integers(GRAIN_MARGIN, size=2)
        develop(image, behind, grain[y : y + take.height, x : x + take.width], step, table, frame)
        seen.append(np.concatenate(list(curves.values())) / step)
    sizes = {name: len(curve) for name, curve in curves.items()}
    names = [f"{name}_{k}" for name, size in sizes.items() for k in range(size)]
    return frames, _truth(acted, np.stack(seen), names), names


def _truth(acted: Performance, points: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    upper, lower = points[:, names.index("inner_upper_11")], points[:, names.index("inner_lower_11")]
    low, high = points.min(1), points.max(1)
    return {
        "points": points.astype(np.float32),
        "lip_gap": np.linalg.norm(upper - lower, axis=1).astype(np.float32),
        "pose_deg": acted.pose_deg,
        "translation": acted.shift,
        "visemes": acted.visemes,
        "controls": acted.controls,
        "blink": acted.controls[:, INDEX["blink"]],
        "face_box": np.concatenate([low, high], 1).astype(np.float32),
    }


def _detail(scale: float) -> int:
    """Texels per grid cell of the head so that textures are about as fine as the picture."""
    return int(np.clip(round(scale / 26), 2, 7))


def _meta(take: Take, speech: Speech, names: list[str]) -> dict:
    return {
        **asdict(take),
        "phones": [{"symbol": p.symbol, "start_s": float(p.start_s), "end_s": float(p.end_s)} for p in speech.phones],
        "identity": identity(take.person_seed).describe(),
        "point_names": names,
        "controls": list(CONTROLS),
    }
