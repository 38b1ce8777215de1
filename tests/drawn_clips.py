"""Cheap clips whose mouth follows the loudness of a noise: enough to train on in seconds, no landmarker needed."""

from pathlib import Path

import cv2
import numpy as np

from speak.data.clip import Clip
from speak.data.shards import write_shards
from speak.faces.mouth_shape import CHIN, INNER, OUTER
from speak.faces.mouth_view import STABLE, TEMPLATE
from speak.media.audio import encode_flac
from speak.media.video import VideoCodec, encode_video

FPS = 30.0
EYES = 80.0
"""Pixels between the outer eye corners."""


def openings(rng: np.random.Generator, num_frames: int) -> np.ndarray:
    """(T,) in [0, 1]: how far the mouth is open."""
    smooth = np.convolve(np.abs(rng.normal(size=num_frames + 8)), np.ones(5) / 5, mode="same")[:num_frames]
    return np.clip((smooth - 0.4) / 1.2, 0, 1)


def landmarks_of(opening: np.ndarray, centre: tuple[float, float] = (128.0, 100.0)) -> np.ndarray:
    """(T, 478, 3) float32 of a frontal face with the given mouth."""
    points = np.zeros((len(opening), 478, 2))
    points[:, STABLE] = TEMPLATE
    angle = np.pi + np.arange(20) * 2 * np.pi / 20
    for indices, width, least in ((OUTER, 0.30, 0.08), (INNER, 0.24, 0.005)):
        height = least + 0.16 * opening[:, None]
        points[:, indices, 0] = width * np.cos(angle)
        points[:, indices, 1] = 0.85 + height * np.sin(angle)
    chin = np.linspace(-0.3, 0.3, len(CHIN))
    points[:, CHIN, 0] = chin
    points[:, CHIN, 1] = 1.35 - chin**2 + 0.1 * opening[:, None]
    pixels = points * EYES + centre
    return np.concatenate([pixels, np.zeros((*pixels.shape[:2], 1))], axis=2).astype(np.float32)


def picture_of(landmarks: np.ndarray, skin: int) -> np.ndarray:
    """(256, 256, 3) uint8 RGB for (478, 3) landmarks."""
    picture = np.full((256, 256, 3), 90, np.uint8)
    cv2.ellipse(picture, (128, 128), (80, 110), 0, 0, 360, (skin, skin - 30, skin - 50), -1)
    for indices, colour in ((OUTER, (170, 60, 70)), (INNER, (40, 10, 10))):
        cv2.fillPoly(picture, [np.rint(landmarks[list(indices), :2]).astype(np.int32)], colour)
    for index in (33, 133, 362, 263):
        cv2.circle(picture, tuple(int(v) for v in landmarks[index, :2]), 4, (20, 20, 20), -1)
    return picture


def drawn_arrays(seed: int, num_frames: int = 45) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames (T, 256, 256, 3), landmarks (T, 478, 3) and 16 kHz audio of one drawn clip."""
    rng = np.random.default_rng(seed)
    opening = openings(rng, num_frames)
    landmarks = landmarks_of(opening, (128.0 + rng.uniform(-8, 8), 100.0 + rng.uniform(-8, 8)))
    frames = np.stack([picture_of(points, 150 + 10 * (seed % 8)) for points in landmarks])
    samples = int(num_frames * 16_000 / FPS)
    loudness = np.interp(np.arange(samples) / 16_000 * FPS - 0.5, np.arange(num_frames), opening)
    return frames, landmarks, (0.3 * loudness * rng.normal(size=samples)).clip(-1, 1).astype(np.float32)


def drawn_clip(clip_id: str, seed: int, *, person: str, emotion: str | None = None, num_frames: int = 45) -> Clip:
    frames, landmarks, audio = drawn_arrays(seed, num_frames)
    return Clip(
        clip_id=clip_id,
        dataset=clip_id.split("/")[0],
        person=person,
        emotion=emotion,
        level=None,
        sentence=None,
        num_frames=num_frames,
        fps=FPS,
        video=encode_video(frames, VideoCodec(fps=FPS, crf=20, preset="ultrafast")),
        audio=encode_flac(audio, 16_000),
        landmarks=landmarks,
        head_pose=np.zeros((num_frames, 3), np.float32),
        blendshapes=np.zeros((num_frames, 52), np.float32),
        box=(0.0, 0.0, 256.0, 256.0),
        face_share=1.0,
        sharpness=80.0,
        brightness=120.0,
        audio_dbfs=-20.0,
        speech_share=0.5,
        sync_offset=None,
        sync_conf=None,
        unmeasured="sync: no sync network",
        source_file=f"{clip_id}.mp4",
        source_sha256="",
        source_url=None,
        source_start_s=0.0,
        source_end_s=num_frames / FPS,
        recipe="drawn",
    )


def drawn_folder(folder: Path, count: int) -> list[str]:
    """Write ``count`` clips of two per person into shards; returns their ids."""
    clips = [drawn_clip(f"drawn/p{i // 2}/{i:02d}", i, person=f"p{i // 2}") for i in range(count)]
    write_shards(clips, folder, shard_bytes=1 << 26)
    return [clip.clip_id for clip in clips]
