from pathlib import Path

import pytest
from drawn_clips import drawn_folder

from speak.losses.contrastive import ContrastiveConfig
from speak.models.mouth import MouthNetConfig
from speak.models.syncnet import SyncNetConfig
from speak.training.loop import LoopConfig
from speak.training.mouth import MouthConfig
from speak.training.sync import SyncAugmentConfig, SyncConfig


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("drawn")
    return folder, drawn_folder(folder, 8)


@pytest.fixture(scope="session")
def loop_config() -> LoopConfig:
    return LoopConfig(
        steps=6, learning_rate=2e-3, warmup_steps=2, final_rate=0.1, clip_norm=5.0, ema_decay=0.9,
        checkpoint_every=3, log_every=1, sample_every=None, seed=0, prefetch=0, device="cpu",
        precision="full", workers=1,
    )  # fmt: skip


@pytest.fixture(scope="session")
def sync_config(loop_config) -> SyncConfig:
    network = SyncNetConfig(
        window=5, width=32, height=32, bands=20, picture_channels=(8, 8, 16, 16), sound_channels=(16, 16, 16),
        hidden=32, embedding=16,
    )  # fmt: skip
    return SyncConfig(
        network=network,
        loss=ContrastiveConfig(margin=1.2, negative_weight=1.0, hardest=0.1),
        augment=SyncAugmentConfig(shift=1, noise=4.0, blur=0.2, gain=0.3, hiss=0.1),
        loop=loop_config,
        segment=15,
        clips=4,
        min_shift=3,
    )


@pytest.fixture
def mouth_config(loop_config) -> MouthConfig:
    network = MouthNetConfig(
        bands=20, window=16, channels=16, hidden=32, shapes=4, pictures=3, picture_width=12, picture_height=8
    )
    return MouthConfig(
        network=network, loop=loop_config, batch=32, picture_every=2, picture_weight=0.3, gain=0.3, hiss=0.1
    )
