"""Training of EAMM (Ji et al. 2022): a renderer, key points from sound, both together, and an emotion's displacements.

As published: the renderer and its key points by the losses of the first-order motion model; then sixteen frames at 25 a
second, whose key points the sound network must find; then the same while the renderer learns on; then the
displacements of four key points that make the sound's those of an emotional clip. Adam at a constant rate. Otherwise
than published:

* The authors start from the published first-order motion model; here it is trained. Its colour jitter, and that of
  part 1, are left out.
* The pyramid of the perceptual loss takes means of squares of pixels instead of Gaussians.
* Each clip is aligned to the template as a whole; the template is the mean face of the training clips.
* Networks narrower than published are judged at every fourth of the sixteen frames, from a random one of the first four
  on.
* Key points of pictures, and of the sound in the last phase, come from networks in evaluation mode.
* The neutral photo of the last phase is one for each person, and a frame of the clip where a person has none.
* The optional cross-entropy over emotions is left out, and so are the published steps down of the rate.
* Single precision throughout: bfloat16 cannot tell neighbouring pixels of 256 apart.
"""

import sys
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import eamm, eamm_driving, eamm_pictures, eamm_pose, speech_cepstra
from benchmarks.methods.baseline import ARRAYS, State, part
from benchmarks.methods.eamm_driving import KeyPoints, displaced
from benchmarks.training import clips as clips_module
from benchmarks.training import eamm_faces, eamm_losses, eamm_phase, eamm_warps, looks, phase
from benchmarks.training.clips import Clips
from benchmarks.training.config import TrainingConfig
from benchmarks.training.eamm_faces import Pairs, Spoken
from benchmarks.training.eamm_losses import emotion_terms, equivariance_terms, speech_terms, unlikeness
from benchmarks.training.eamm_phase import EammTask, floats, network, row
from benchmarks.training.eamm_warps import Warp
from benchmarks.training.phase import Arrays

LOOKS_WEIGHT, FINETUNE_LOOKS_WEIGHT = 10.0, 0.1
"""Of each feature at each size, as in the authors' settings."""
RENDERED_EVERY = 4
"""Of the sixteen frames, every fourth is rendered when the renderer learns on."""
JUDGED_EVERY = 4
"""So far apart are the frames whose key points are judged, with narrow networks; published and at full width: 1."""
Kind = TypeVar("Kind", bound=EammTask)


class RendererTask(EammTask):
    """Pictures from other pictures of the same clip."""

    learns = ("eamm_generator", "eamm_kp_detector")

    def draw_from(self, count: int, rng: np.random.Generator) -> Pairs:
        """Two moments of each clip."""
        return eamm_faces.pairs(self.clips, count, self.template, rng)

    def terms(self, batch: Pairs) -> dict[str, Tensor]:
        """Looks, and key points that move along with the picture."""
        source, driving = (floats(pictures) for pictures in (batch.source, batch.driving))
        wanted = self.net("kp_detector")(driving)
        made = self.net("generator")(source, wanted, self.net("kp_detector")(source))["prediction"]
        warp = Warp.random(len(driving), driving.device)
        warped = self.net("kp_detector")(warp.pictures(driving))
        unlike = LOOKS_WEIGHT * unlikeness(self.looks, made, driving)
        return {"looks": unlike, **equivariance_terms(warp, wanted, warped)}

    def rows(self, batch: Pairs) -> list[list[np.ndarray]]:
        """Source, driving picture, result."""
        source, driving = floats(batch.source), floats(batch.driving)
        points = [self.net("kp_detector")(pictures) for pictures in (driving, source)]
        made = self.net("generator")(source, *points)["prediction"]
        return [row(torch.stack(shown)) for shown in zip(source, driving, made, strict=True)]


class SpeechTask(EammTask):
    """Key points from sound, head pose and a photo, where those of the pictures are."""

    learns = ("eamm_audio_feature", "eamm_kp_detector_a")
    watches = ("eamm_generator", "eamm_kp_detector")

    def draw_from(self, count: int, rng: np.random.Generator) -> Spoken:
        """Sixteen frames of each clip."""
        return eamm_faces.spoken(self.clips, self.clips.cuts(count, rng), self.template, self.shown(rng), rng)

    @property
    def every(self) -> int:
        """Steps between the frames of which pictures are drawn."""
        return 1 if self.config.method.width == 1 else JUDGED_EVERY

    def shown(self, rng: np.random.Generator) -> slice:
        """These frames, from a random one on."""
        return slice(int(rng.integers(self.every)), None, self.every)

    def terms(self, batch: Spoken) -> dict[str, Tensor]:
        """L1 of places, maps and matrices."""
        return speech_terms(self.seen(batch), self.heard(batch))

    def seen(self, batch: Spoken) -> KeyPoints:
        """Key points of the frames of all clips, one after another."""
        with torch.no_grad():
            return self.net("kp_detector")(floats(batch.frames).flatten(0, 1))

    def heard(self, batch: Spoken) -> KeyPoints:
        """The same from the sound."""
        features = self.net("audio_feature")(floats(batch.photo), batch.sound, batch.poses, shown=batch.shown)
        return self.net("kp_detector_a")(features.flatten(0, 1))

    @property
    def rendered_every(self) -> int:
        """Steps between rendered ones of the frames shown."""
        return RENDERED_EVERY // self.every

    def rendered(self, batch: Spoken, driving: KeyPoints) -> Tensor:
        """Every fourth frame of each clip, from its photo and key points of all frames: (B * 4, 3, 256, 256)."""
        chosen = torch.arange(0, len(driving["value"]), self.rendered_every, device=driving["value"].device)
        repeats = len(chosen) // len(batch.photo)
        photos = floats(batch.photo)
        with torch.no_grad():
            source = self.net("kp_detector")(photos)
        wanted, given = (
            {name: points[name][index] for name in ("value", "jacobian")}
            for points, index in ((driving, chosen), (source, slice(None)))
        )
        given = {name: tensor.repeat_interleave(repeats, dim=0) for name, tensor in given.items()}
        return self.net("generator")(photos.repeat_interleave(repeats, dim=0), wanted, given)["prediction"]

    def driving(self, batch: Spoken) -> KeyPoints:
        """What drives the renderer in sample pictures."""
        return self.heard(batch)

    def rows(self, batch: Spoken) -> list[list[np.ndarray]]:
        """Two rows for each clip: photo and frames as they were, and with key points of the sound."""
        made = self.rendered(batch, self.driving(batch)).unflatten(0, (len(batch.photo), -1))
        photos, real = floats(batch.photo)[:, None], floats(batch.frames)[:, :: self.rendered_every]
        shown = [torch.cat([photos, frames], dim=1) for frames in (real, made)]
        return [row(pictures) for pair in zip(*shown, strict=True) for pictures in pair]


class FinetuneTask(SpeechTask):
    """The same while the renderer learns to live with the sound's key points."""

    learns = ("eamm_audio_feature", "eamm_kp_detector_a", "eamm_generator")
    watches = ("eamm_kp_detector",)

    def terms(self, batch: Spoken) -> dict[str, Tensor]:
        """As before, and the looks of every fourth frame."""
        heard = self.heard(batch)
        real = floats(batch.frames[:, :: self.rendered_every]).flatten(0, 1)
        unlike = FINETUNE_LOOKS_WEIGHT * unlikeness(self.looks, self.rendered(batch, heard), real)
        return {**speech_terms(self.seen(batch), heard), "looks": unlike}


class EmotionTask(SpeechTask):
    """Displacements of four key points, from the disturbed clip."""

    learns = ("eamm_emo_detector",)
    watches = ("eamm_generator", "eamm_kp_detector", "eamm_audio_feature", "eamm_kp_detector_a")
    photos: dict[str, np.ndarray]
    track: eamm_faces.PoseTrack

    def draw_from(self, count: int, rng: np.random.Generator) -> Spoken:
        """Clips whose emotion is known, or others where none is."""
        cuts = self.clips.cuts(count, rng)
        return eamm_faces.emotional(self.clips, cuts, self.photos, self.track, self.shown(rng), rng)

    def terms(self, batch: Spoken) -> dict[str, Tensor]:
        """L1 of places and matrices, summed over the four."""
        seen, heard = self.seen(batch), self.heard(batch)
        return emotion_terms(seen, heard, self.displacements(batch, heard))

    def heard(self, batch: Spoken) -> KeyPoints:
        """As before; nothing learns from it."""
        with torch.no_grad():
            return super().heard(batch)

    def displacements(self, batch: Spoken, heard: KeyPoints) -> KeyPoints:
        """Of the frames of all clips, one after another: value (N, 4, 2), jacobian (N, 4, 2, 2)."""
        return self.net("emo_detector")(floats(batch.emotion).flatten(0, 1), heard["value"], heard["jacobian"])[0]

    def driving(self, batch: Spoken) -> KeyPoints:
        """As the adapter: three of the four, the first by a fifth."""
        heard = self.heard(batch)
        return displaced(heard, self.displacements(batch, heard))


def train_renderer(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> RendererTask:
    """First phase; also decides the template."""
    template = eamm_faces.mean_face(clips.places)
    return _task(RendererTask, "renderer", clips, config, before, template)


def train_speech(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> SpeechTask:
    """Second phase."""
    return _task(SpeechTask, "speech", clips, config, before, _template(before))


def train_finetune(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> FinetuneTask:
    """Third phase."""
    return _task(FinetuneTask, "finetune", clips, config, before, _template(before))


def train_emotion(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> EmotionTask:
    """Last phase."""
    template = _template(before)
    task = _task(EmotionTask, "emotion", clips.labelled(), config, before, template)
    task.track = eamm_faces.PoseTrack(template)
    task.photos = eamm_faces.neutral_photos(clips.places, template)
    return task


def _task(
    kind: type[Kind], name: str, clips: Clips, config: TrainingConfig, before: Mapping[str, State], template: np.ndarray
) -> Kind:
    networks = {key: network(key, config.method.width, before) for key in (*kind.learns, *kind.watches)}
    model = nn.ModuleDict({key: networks[key] for key in kind.learns})
    if not before:
        model[ARRAYS] = Arrays({"template": template})
    task = kind(f"eamm_{name}", model, clips, config, before, MODULES)
    task.frozen = nn.ModuleDict({key: networks[key] for key in kind.watches}).eval().requires_grad_(False)
    task.template = template
    task.looks = looks.build(config.looks) if kind in LOOKING else None
    return task


def _template(before: Mapping[str, State]) -> np.ndarray:
    return part(before["renderer"], ARRAYS)["template"].numpy()


LOOKING = (RendererTask, FinetuneTask)
"""Those with a perceptual loss."""

MODULES = (
    *(eamm, eamm_driving, eamm_pictures, eamm_pose, speech_cepstra),
    *(clips_module, eamm_faces, eamm_losses, eamm_phase, eamm_warps, looks, phase, sys.modules[__name__]),
)
"""Code that gives the weights their meaning."""
