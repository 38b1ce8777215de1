import dataclasses

import numpy as np
import pytest
import torch
from paper_parts import NARROW_WAV2VEC
from transformers import Wav2Vec2Model

from speak.errors import UserError
from speak.media import mel
from speak.models import audio_encoder
from speak.models.audio_encoder import AudioConfig, MelAudioConfig, Wav2VecConfig, log_mel, to_frames

MEL = MelAudioConfig(bands=20, channels=8, kernel=5, dilations=(1, 2))


def narrow(parts: str = "paper", **changes):
    config = AudioConfig(paper=dataclasses.replace(NARROW_WAV2VEC, **changes), small=MEL)
    return audio_encoder.build(config, parts, 6, restore=False).eval()


@pytest.mark.parametrize("parts", ["paper", "small"])
@pytest.mark.parametrize(("seconds", "frames"), [(1.0, 30), (0.2, 6), (2.5, 75)])
def test_one_vector_for_every_video_frame(parts, seconds, frames):
    torch.manual_seed(0)
    assert narrow(parts)(torch.randn(2, int(16000 * seconds)), frames).shape == (2, frames, 6)


def test_interpolation_to_frames_is_linear_from_end_to_end():
    features = torch.tensor([[[0.0, 10.0], [2.0, 30.0], [3.0, 0.0]]])
    expected = torch.tensor([[[0.0, 10.0], [1.0, 20.0], [2.0, 30.0], [2.5, 15.0], [3.0, 0.0]]])
    assert torch.allclose(to_frames(features, 5), expected)
    one = np.random.default_rng(0).normal(size=49)
    wanted = np.interp(np.linspace(0, 48, 30), np.arange(49), one)
    found = to_frames(torch.from_numpy(one)[None, :, None], 30)[0, :, 0]
    assert np.allclose(found, wanted)


def test_the_rate_of_wav2vec_is_49_features_a_second():
    encoder = narrow()
    with torch.no_grad():
        assert encoder.wav2vec(torch.randn(1, 16000)).last_hidden_state.shape[1] == 49


def test_loudness_does_not_matter_to_wav2vec():
    torch.manual_seed(0)
    encoder, audio = narrow(), torch.randn(1, 8000)
    assert torch.allclose(encoder(audio, 15), encoder(0.01 * audio + 0.3, 15), atol=1e-3)


def test_short_sound_in_training_mode():
    narrow().train()(torch.randn(1, 1600), 3).sum().backward()  # masking is off; it fails below 0.2 s
    with pytest.raises(UserError, match="at least 400"):
        narrow()(torch.randn(1, 399), 1)


def test_frozen_convolutions_do_not_learn():
    encoder = narrow()
    encoder(torch.randn(1, 1600), 3).sum().backward()
    convolutions = {id(weight) for weight in encoder.wav2vec.feature_extractor.parameters()}
    for name, weight in encoder.named_parameters():
        if "masked_spec_embed" not in name:
            assert (weight.grad is None) == (id(weight) in convolutions), name


def test_weights_of_a_folder_are_read(tmp_path):
    torch.manual_seed(0)
    source = narrow().wav2vec
    source.save_pretrained(tmp_path)
    loaded = narrow(weights=str(tmp_path), random=False).wav2vec
    for name, value in source.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name]), name


def test_weights_with_a_head_for_letters_are_read(tmp_path):
    """facebook/wav2vec2-base-960h is such a file, and lacks the vector of the mask."""
    from transformers import Wav2Vec2ForCTC

    torch.manual_seed(0)
    whole = Wav2Vec2ForCTC(audio_encoder._architecture(NARROW_WAV2VEC))
    state = {name: value for name, value in whole.state_dict().items() if "masked_spec_embed" not in name}
    whole.save_pretrained(tmp_path, state_dict=state)
    loaded = narrow(weights=str(tmp_path), random=False).wav2vec.state_dict()
    for name, value in state.items():
        if "lm_head" not in name:
            assert torch.equal(value, loaded[name.removeprefix("wav2vec2.")]), name


def test_random_weights_only_when_asked_for(tmp_path):
    with pytest.raises(ValueError, match="either from pretrained weights"):
        dataclasses.replace(NARROW_WAV2VEC, random=False)
    with pytest.raises(ValueError, match="either from pretrained weights"):
        dataclasses.replace(NARROW_WAV2VEC, weights="folder")
    with pytest.raises(UserError, match=r"no wav2vec 2.0 here"):
        narrow(weights=str(tmp_path), random=False)


def test_weights_of_another_size_or_with_gaps_are_refused(tmp_path):
    other = Wav2Vec2Model(audio_encoder._architecture(dataclasses.replace(NARROW_WAV2VEC, hidden=16)))
    other.save_pretrained(tmp_path / "narrower")
    fewer = narrow().wav2vec
    state = {name: value for name, value in fewer.state_dict().items() if "attention" not in name}
    fewer.save_pretrained(tmp_path / "gaps", state_dict=state)
    for name in ("narrower", "gaps"):
        with pytest.raises(UserError, match=name):
            narrow(weights=str(tmp_path / name), random=False)


def test_a_checkpoint_needs_no_pretrained_folder():
    config = AudioConfig(paper=dataclasses.replace(NARROW_WAV2VEC, weights="gone", random=False), small=None)
    assert audio_encoder.build(config, "paper", 6, restore=True)


def test_sizes_of_the_wanted_parts_must_be_there():
    with pytest.raises(UserError, match=r"audio\.small is missing"):
        audio_encoder.build(AudioConfig(paper=NARROW_WAV2VEC, small=None), "small", 6, restore=False)


def test_log_mel_of_batches_is_the_projects():
    audio = np.random.default_rng(0).normal(scale=0.1, size=(2, 5003)).astype(np.float32)
    found = log_mel(torch.from_numpy(audio), 20)
    assert np.allclose(found[0], mel.log_mel(audio[0], 20), atol=1e-4)
    assert np.allclose(found[1], mel.log_mel(audio[1], 20), atol=1e-4)


def test_kept_mel_gives_what_sound_gives():
    torch.manual_seed(0)
    encoder, audio = narrow("small"), 0.1 * torch.randn(1, 16000)
    silence = torch.full((1, encoder.margin, 20), float(np.log(mel.FLOOR)))
    ready = torch.cat([silence, log_mel(audio, 20), silence], dim=1)
    assert torch.allclose(encoder.from_mel(ready, 30), encoder(audio, 30), atol=1e-6)


def test_a_cut_with_its_surroundings_gives_what_the_whole_gives():
    """30 video frames are 100 mel frames, so a cut at a whole second falls on the same grid."""
    torch.manual_seed(0)
    encoder = narrow("small")
    audio = 0.1 * torch.randn(1, 48000)
    bands = log_mel(audio, 20)
    cut = bands[:, 100 - encoder.margin : 200 + encoder.margin]
    inner = slice(1, 29)  # the outermost frames would be interpolated with features beyond the cut
    assert torch.allclose(encoder.from_mel(cut, 30)[:, inner], encoder(audio, 90)[:, 30:60][:, inner], atol=1e-5)


def test_base_is_the_default_architecture():
    base = Wav2VecConfig(
        convolution=512, hidden=768, layers=12, heads=12, intermediate=3072, weights=None, random=True,
        freeze_convolutions=True,
    )  # fmt: skip
    config = audio_encoder._architecture(base)
    assert (config.feat_extract_norm, config.do_stable_layer_norm) == ("group", False)
    assert list(config.conv_stride) == [5, 2, 2, 2, 2, 2, 2] and list(config.conv_kernel) == [10, 3, 3, 3, 3, 2, 2]
    assert config.mask_time_prob == 0.0 and config.layerdrop == 0.0
