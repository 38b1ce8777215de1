"""SPEAK, section 3.2 and fig. 3: one identity frame, frames that lead pose and emotion, and sound become a clip.

    f_I, f_P, f_E = E_i(identity), E_p(pose frames), E_e(emotion frames)
    F             = editing(f_a, f_E, f'_R)           one style vector for each layer of the generator
    frame         = G_g(mlp(f_I, f_P), F)             eq. 9; f_E acts through F only

Generic over frames, see ``irfd``. How parts plug in: encoders and synthesis come from ``irfd.face_parts``, the audio
encoder from ``audio_encoder.build``, which knows both kinds. Long clips: ``listen`` hears the whole sound once,
``read`` and ``render`` work frame by frame, so a clip can be made in chunks.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from speak.models import audio_encoder
from speak.models.audio_encoder import AudioConfig
from speak.models.codes import Codes
from speak.models.editing import Editing
from speak.models.generator import Generator
from speak.models.irfd import FaceEncoders, IrfdConfig, face_parts


@dataclass(frozen=True, kw_only=True)
class SpeakConfig:
    """Which parts, and their sizes.

    Attributes:
        irfd: encoders, editing module, fusion and synthesis; G_g has the sizes of G_d.
        audio: the audio encoder; of the same kind of parts as ``irfd``.
    """

    irfd: IrfdConfig
    audio: AudioConfig

    @property
    def parts(self) -> str:
        """``paper`` or ``small``."""
        return self.irfd.parts


class Speak(nn.Module):
    """The talking-head generator."""

    def __init__(self, irfd: FaceEncoders, audio_encoder: nn.Module, editing: Editing, generator: Generator):
        super().__init__()
        self.irfd = irfd
        self.audio_encoder = audio_encoder
        self.editing = editing
        self.generator = generator

    def forward(self, identity_frame: Tensor, pose_frames: Tensor, emotion_frames: Tensor, audio: Tensor) -> Tensor:
        """Make clips.

        Args:
            identity_frame: (B, *frame).
            pose_frames, emotion_frames: (B, T, *frame).
            audio: (B, S) float in [-1, 1], 16 kHz, the sound of the T frames.

        Returns:
            (B, T, *frame).
        """
        codes = self.read(identity_frame, pose_frames, emotion_frames)
        return self.render(codes, self.listen(audio, pose_frames.shape[1]))

    def read(self, identity_frame: Tensor, pose_frames: Tensor, emotion_frames: Tensor) -> Codes:
        """Codes that lead the clip, (B, T, C) each; the identity's is the same for all T frames."""
        batch, frames = pose_frames.shape[:2]
        identity = self.irfd.identity_encoder(identity_frame)[:, None].expand(-1, frames, -1)
        emotion = self.irfd.emotion_encoder(emotion_frames.flatten(0, 1)).unflatten(0, (batch, frames))
        pose = self.irfd.pose_encoder(pose_frames.flatten(0, 1)).unflatten(0, (batch, frames))
        return Codes(identity, emotion, pose)

    def listen(self, audio: Tensor, num_frames: int) -> Tensor:
        """(B, S) sound to one audio vector f_a for each video frame, (B, T, A)."""
        return self.audio_encoder(audio, num_frames)

    def render(self, codes: Codes, heard: Tensor) -> Tensor:
        """Codes (B, T, C) and audio vectors (B, T, A) to frames (B, T, *frame); every frame by itself."""
        batch, frames = heard.shape[:2]
        flat = codes.map(lambda tensor: tensor.flatten(0, 1))
        styles = self.editing(flat, heard.flatten(0, 1))
        return self.generator(flat, styles).unflatten(0, (batch, frames))


def build(config: SpeakConfig, *, restore: bool = False) -> Speak:
    """Make SPEAK.

    Args:
        config: parts and sizes.
        restore: a checkpoint's weights will be loaded next, so the audio encoder's pretrained weights are not read.
    """
    irfd, parts = config.irfd, face_parts(config.irfd)
    synthesis = parts.synthesis()
    return Speak(
        FaceEncoders(parts.encoder),
        audio_encoder.build(config.audio, irfd.parts, irfd.editing.audio, restore=restore),
        Editing(irfd.editing, irfd.code, irfd.fusion, synthesis.layers),
        Generator(("identity", "pose"), irfd.code, irfd.fusion, synthesis),
    )
