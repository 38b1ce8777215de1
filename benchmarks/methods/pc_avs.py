"""PC-AVS (Zhou et al. 2021): identity from the picture, mouth from the sound, head pose from the driving clip.

The published inference, at 25 frames a second and 224x224 pixels. Faces are aligned by our landmarker instead of
face-alignment. What the original does wrong is kept unless a switch says otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import pc_avs_crop
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.frame_rate import NATIVE_FPS, shown_at, to_and_fro
from benchmarks.methods.method import CannotMake
from benchmarks.methods.pc_avs_network_audio import SpeechEncoder
from benchmarks.methods.pc_avs_network_generator import PoseModulatedGenerator
from benchmarks.methods.pc_avs_network_identity import IdentityEncoder
from benchmarks.methods.pc_avs_network_pose import MotionEncoder
from benchmarks.methods.pc_avs_sound import FIRST_FRAME, spectrogram, windows
from benchmarks.methods.plane_similarity import laid_on
from benchmarks.protocol import Request
from speak.faces.mouth_view import fill_missing

MOUTH_GAIN = 1.2
"""Factor on the sound's feature at inference."""
BATCH = 16
SEED = 0


@dataclass(frozen=True, kw_only=True)
class PcAvsSwitches:
    """Where the published program can be followed or put right.

    Attributes:
        lag: write the frame that belongs to 80 ms as the first, as published, so that lips lead the sound by 80 ms;
            off: each frame at its own time, the first three alike.
        fresh_noise: draw noise anew for each frame, as published (here with one seed a clip); off: the stored noise.
        on_canvas: lay the result where the face was in the identity frame; off: enlarge the crop to the whole frame.
    """

    lag: bool = True
    fresh_noise: bool = True
    on_canvas: bool = True


@dataclass(frozen=True, kw_only=True)
class PcAvsNetworks:
    """The four networks, of one width."""

    generator: PoseModulatedGenerator = field(default_factory=PoseModulatedGenerator)
    identity: IdentityEncoder = field(default_factory=IdentityEncoder)
    motion: MotionEncoder = field(default_factory=MotionEncoder)
    speech: SpeechEncoder = field(default_factory=SpeechEncoder)


class PcAvs(Baseline):
    """Adapter of PC-AVS."""

    name: ClassVar[str] = "pc_avs"
    label: ClassVar[str] = "PC-AVS"
    models: ClassVar[tuple[str, ...]] = ("baselines/pc_avs",)
    files: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pcavs_netG": ("latest_net_G.pth",),
        "pcavs_netV": ("latest_net_V.pth",),
        "pcavs_netE": ("latest_net_E.pth",),
        "pcavs_netA_sync": ("latest_net_A_sync.pth",),
    }

    def __init__(self, networks: PcAvsNetworks, switches: PcAvsSwitches | None = None):
        self.networks, self.switches = networks, switches or PcAvsSwitches()
        for network in (networks.generator, networks.identity, networks.motion, networks.speech):
            network.eval()

    @classmethod
    def made_of(cls, networks: Mapping[str, nn.Module], arrays: Mapping[str, np.ndarray], *, official: bool) -> Self:
        """As ``Baseline``; there are no arrays, and the lag is put right for weights of ours."""
        generator, identity, motion, speech = (networks[name] for name in cls.files)
        made = PcAvsNetworks(generator=generator, identity=identity, motion=motion, speech=speech)
        return cls(made, PcAvsSwitches(lag=official))

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8. Raises CannotMake when the identity frame shows no face."""
        if not np.isfinite(request.identity_landmarks).all():
            raise CannotMake(f"{request.clip_id}: PC-AVS found no face in the identity frame; give another picture")
        (alignment,) = pc_avs_crop.alignments(request.identity_landmarks[None])
        identity = pc_avs_crop.crop(request.identity_frame, alignment)
        sound = windows(spectrogram(request.audio))
        poses = driving_poses(request, len(sound))
        made = self.render(identity, sound, identity[None] if poses is None else poses)
        shown = made[self.times(request, len(made))]
        if not self.switches.on_canvas:
            return np.stack([enlarged(picture, request.identity_frame.shape[0]) for picture in shown])
        matrix = pc_avs_crop.to_crop(alignment)
        return np.stack([laid_on(request.identity_frame, picture, matrix) for picture in shown])

    def times(self, request: Request, num_made: int) -> np.ndarray:
        """Which of the pictures made is shown at each of the clip's frames: (num_frames,) integers."""
        if self.switches.lag:
            return shown_at(request.num_frames, request.fps, NATIVE_FPS, num_made)
        frame = shown_at(request.num_frames, request.fps, NATIVE_FPS, num_made + FIRST_FRAME)
        return (frame - FIRST_FRAME).clip(0)

    def render(self, identity: np.ndarray, sound: np.ndarray, poses: np.ndarray) -> np.ndarray:
        """Make pictures.

        Args:
            identity: (224, 224, 3) uint8, a crop.
            sound: (N, 1, 80, 20) windows.
            poses: (N, 224, 224, 3) uint8 crops, or (1, 224, 224, 3) for a still head.

        Returns:
            (N, 224, 224, 3) uint8.
        """
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(SEED)
            return np.concatenate(list(self._batches(identity, sound, poses)))

    def _batches(self, identity: np.ndarray, sound: np.ndarray, poses: np.ndarray) -> Iterator[np.ndarray]:
        nets = self.networks
        vector, features, _ = nets.identity(_tensor(identity[None]))
        still = nets.motion.headpose(_tensor(poses)) if len(poses) == 1 else None
        for start in range(0, len(sound), BATCH):
            part = slice(start, start + BATCH)
            heard = nets.speech.forward_feature(torch.from_numpy(sound[part]))
            mouth = nets.motion.mouth_embed(MOUTH_GAIN * heard)
            count = len(mouth)
            pose = nets.motion.headpose(_tensor(poses[part])) if still is None else still.expand(count, -1)
            style = torch.cat([vector.expand(count, -1), mouth, pose], dim=1)
            start_map = features.expand(count, -1, -1, -1)
            pictures, _ = nets.generator([style], start_map, self.switches.fresh_noise)
            yield (((pictures + 1) / 2).clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def driving_poses(request: Request, count: int) -> np.ndarray | None:
    """Crops of the driving clip for frames 2, 3, ... at 25 a second, to and fro where the sound is longer.

    Returns:
        (count, 224, 224, 3) uint8; (1, 224, 224, 3) of a single picture, for a still head; None when no frame of the
        clip shows a face.
    """
    if not np.isfinite(request.reference_landmarks).all(axis=(1, 2)).any():
        return None
    num = len(request.reference_frames)
    native = shown_at(max(1, int(num * NATIVE_FPS / request.fps)), NATIVE_FPS, request.fps, num)
    alignments = pc_avs_crop.alignments(fill_missing(request.reference_landmarks)[native])
    order = to_and_fro(count + FIRST_FRAME, len(native))[FIRST_FRAME:] if len(native) > 1 else [0]
    crops = {
        index: pc_avs_crop.crop(request.reference_frames[native[index]], alignments[index]) for index in set(order)
    }
    return np.stack([crops[index] for index in order])


def enlarged(picture: np.ndarray, size: int) -> np.ndarray:
    """(h, w, 3) uint8 to (size, size, 3)."""
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)


def _tensor(crops: np.ndarray) -> Tensor:
    return torch.from_numpy(pc_avs_crop.to_tensor_range(crops))
