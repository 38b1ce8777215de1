"""EAMM (Ji et al. 2022): key points from sound and head pose, displaced by an emotional clip, drive a photo.

The published inference at 256x256 pixels and 25 frames a second. Faces are aligned by our landmarker instead of dlib,
and head pose is measured from its landmarks instead of 3DDFA_V2. The published program writes its video at the rate of
the emotional clip; here that clip is brought to 25 frames a second first. What else it does wrong is kept unless a
switch says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import eamm_pictures
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.eamm_driving import KeyPoints, displaced, smooth_emotion, smooth_speech
from benchmarks.methods.eamm_network_audio import AudioFeatures
from benchmarks.methods.eamm_network_blocks import channels_last
from benchmarks.methods.eamm_network_emotion import EmotionDisplacement
from benchmarks.methods.eamm_network_generator import MotionRenderer
from benchmarks.methods.eamm_network_keypoints import AudioKeypointDetector, KeypointDetector
from benchmarks.methods.eamm_pictures import Disturbance
from benchmarks.methods.eamm_pose import head_poses, pose_track
from benchmarks.methods.frame_rate import NATIVE_FPS, shown_at
from benchmarks.methods.method import CannotMake
from benchmarks.methods.plane_similarity import inverse, laid_on
from benchmarks.methods.speech_cepstra import windows
from benchmarks.protocol import Request
from speak.faces.mouth_view import fill_missing

SOUND_WEIGHT = 1.6
"""Factor on the sound's feature at inference; 1 in training."""
BATCH = 8


@dataclass(frozen=True, kw_only=True)
class EammSwitches:
    """Where the published program can be followed or put right.

    Attributes:
        bgr: show the photo with red and blue exchanged and take what comes out as red, green, blue, as published:
            faces come out blue; off: red, green, blue throughout.
        disturbance: what is done to the emotional clip; the published program does all of it at random.
        emotion: add the emotion's displacements; off: the published program's neutral video.
        on_canvas: lay the result where the face was in the identity frame; off: the aligned photo's frame.
    """

    bgr: bool = True
    disturbance: Disturbance = field(default_factory=Disturbance)
    emotion: bool = True
    on_canvas: bool = True


@dataclass(frozen=True, kw_only=True)
class EammNetworks:
    """The five networks, of one width."""

    generator: MotionRenderer = field(default_factory=MotionRenderer)
    kp_detector: KeypointDetector = field(default_factory=KeypointDetector)
    kp_detector_a: AudioKeypointDetector = field(default_factory=AudioKeypointDetector)
    audio_feature: AudioFeatures = field(default_factory=AudioFeatures)
    emo_detector: EmotionDisplacement = field(default_factory=EmotionDisplacement)


class Eamm(Baseline):
    """Adapter of EAMM.

    Args:
        networks: the five.
        template: (68, 2) points that photos are aligned to.
        switches: None follows the published program.
    """

    name: ClassVar[str] = "eamm"
    label: ClassVar[str] = "EAMM"
    models: ClassVar[tuple[str, ...]] = ("baselines/eamm",)
    files: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "eamm_generator": ("124_52000.pth.tar",),
        "eamm_kp_detector": ("124_52000.pth.tar",),
        "eamm_kp_detector_a": ("1-6000.pth.tar",),
        "eamm_audio_feature": ("1-6000.pth.tar",),
        "eamm_emo_detector": ("5-3000.pth.tar",),
    }

    def __init__(self, networks: EammNetworks, template: np.ndarray, switches: EammSwitches | None = None):
        self.networks, self.template, self.switches = networks, template, switches or EammSwitches()
        for name in self.files:
            channels_last(getattr(networks, name.removeprefix("eamm_"))).eval()

    @classmethod
    def official_arrays(cls) -> dict[str, np.ndarray]:
        """As ``Baseline``: the template."""
        return {"template": eamm_pictures.template()}

    @classmethod
    def made_of(cls, networks: Mapping[str, nn.Module], arrays: Mapping[str, np.ndarray], *, official: bool) -> Self:
        """As ``Baseline``; weights of ours see right colours, and the emotional clip is not moved at random."""
        made = EammNetworks(**{name.removeprefix("eamm_"): networks[name] for name in cls.files})
        disturbance = Disturbance(flip=official, turn=official, skew=official)
        return cls(made, arrays["template"], EammSwitches(bgr=official, disturbance=disturbance))

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8. Raises CannotMake when the identity frame shows no face."""
        if not np.isfinite(request.identity_landmarks).all():
            raise CannotMake(f"{request.clip_id}: EAMM found no face in the identity frame; give another picture")
        to_frame = eamm_pictures.photo_alignment(request.identity_landmarks, self.template)
        photo = eamm_pictures.align_photo(request.identity_frame, to_frame)
        sound = windows(request.audio)
        frames, landmarks = native_driving(request)
        poses = pose_track(head_poses(landmarks, inverse(to_frame)), len(sound))
        emotion = self.emotional(frames, landmarks, len(sound)) if frames is not None else None
        made = self.render(photo, sound, poses, emotion)
        shown = made[shown_at(request.num_frames, request.fps, NATIVE_FPS, len(made))]
        if not self.switches.on_canvas:
            return shown
        return np.stack([laid_on(request.identity_frame, picture, inverse(to_frame)) for picture in shown])

    def emotional(self, frames: np.ndarray, landmarks: np.ndarray, count: int) -> np.ndarray | None:
        """The emotional clip as it is shown, repeated from the start: (count, 256, 256, 3) float32, or None."""
        if not self.switches.emotion:
            return None
        shown = eamm_pictures.align_emotion(frames[:count], landmarks[:count])
        shown = eamm_pictures.disturb(shown, self.switches.disturbance)
        return shown if len(shown) == count else shown[np.arange(count) % len(shown)]

    def render(self, photo: np.ndarray, sound: np.ndarray, poses: np.ndarray, emotion: np.ndarray | None) -> np.ndarray:
        """Make pictures.

        Args:
            photo: (256, 256, 3) uint8 RGB, aligned.
            sound: (N, 28, 12) windows.
            poses: (N, 6).
            emotion: (N, 256, 256, 3) float32 in [0, 1], or None for a neutral face.

        Returns:
            (N, 256, 256, 3) uint8.
        """
        shown = photo[..., ::-1] if self.switches.bgr else photo
        image = _tensor(shown[None].astype(np.float32) / 255)
        with torch.inference_mode():
            driving = self.driving(image, torch.from_numpy(sound), torch.from_numpy(poses), emotion)
            source = self.networks.kp_detector(image)
            return np.concatenate([self._picture(image, source, part) for part in _parts(driving)])

    def driving(self, image: Tensor, sound: Tensor, poses: Tensor, emotion: np.ndarray | None) -> KeyPoints:
        """The key points that drive the renderer: (1, 3, 256, 256), (N, 28, 12), (N, 6) and the emotional clip to N."""
        heard = self.networks.audio_feature(image, sound[None], poses[None], weight=SOUND_WEIGHT)
        points = self.networks.kp_detector_a(heard[0])
        smooth = smooth_speech(points)
        if emotion is None:
            return smooth
        return displaced(smooth, smooth_emotion(self._displacements(emotion, points)))

    def _displacements(self, emotion: np.ndarray, points: KeyPoints) -> KeyPoints:
        """By the key points before they are smoothed, as published."""
        made: list[KeyPoints] = []
        for start, part in zip(range(0, len(emotion), BATCH), _parts(points), strict=True):
            moved, _ = self.networks.emo_detector(_tensor(emotion[start : start + BATCH]), **part)
            made.append(moved)
        return {name: torch.cat([part[name] for part in made]) for name in ("value", "jacobian")}

    def _picture(self, image: Tensor, source: KeyPoints, driving: KeyPoints) -> np.ndarray:
        count = len(driving["value"])
        sources = {name: source[name].expand(count, *[-1] * (source[name].ndim - 1)) for name in driving}
        prediction = self.networks.generator(image, driving, sources)["prediction"]
        return (prediction * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def native_driving(request: Request) -> tuple[np.ndarray | None, np.ndarray]:
    """Frames and landmarks of the driving clip at 25 a second; without any face, None and the identity's own."""
    if not np.isfinite(request.reference_landmarks).all(axis=(1, 2)).any():
        return None, request.identity_landmarks[None]
    num = len(request.reference_frames)
    native = shown_at(max(1, int(num * NATIVE_FPS / request.fps)), NATIVE_FPS, request.fps, num)
    return request.reference_frames[native], fill_missing(request.reference_landmarks)[native]


def _parts(points: KeyPoints) -> list[KeyPoints]:
    starts = range(0, len(points["value"]), BATCH)
    return [{name: points[name][at : at + BATCH] for name in ("value", "jacobian")} for at in starts]


def _tensor(pictures: np.ndarray) -> Tensor:
    """(N, H, W, 3) in [0, 1] to (N, 3, H, W) float32."""
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32))
