"""The smallest training of a baseline: networks of 1/16 of their width, a few steps, drawn clips."""

from benchmarks.training.config import MethodConfig, PhaseConfig, TrainingConfig
from benchmarks.training.looks import LooksConfig
from speak.data.pool import PoolConfig
from speak.training.loop import LoopConfig


def tiny(name: str, width: int = 16, **steps: int) -> TrainingConfig:
    """Two stretches a step; ``steps`` of each phase, in order."""
    phases = {phase: PhaseConfig(steps=count, batch=2, learning_rate=1e-3) for phase, count in steps.items()}
    return TrainingConfig(
        name=name,
        loop=LoopConfig(
            steps=sum(steps.values()), learning_rate=1e-3, warmup_steps=0, final_rate=1.0, clip_norm=float("inf"),
            ema_decay=None, checkpoint_every=2, log_every=1, sample_every=3, seed=0, prefetch=0, device="cpu",
            precision="full", workers=1,
        ),
        pool=PoolConfig(clips=2, steps=4, moments=2, stretch=12, fps=25.0),
        looks=LooksConfig(features="pixels", weights=None),
        method=MethodConfig(weights="trained", width=width, phases=phases),
    )  # fmt: skip
