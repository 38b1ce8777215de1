"""The four baselines. Apart from the other methods, so that a training of theirs depends on no adapter of ours."""

from benchmarks.methods.atvg import Atvg
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.eamm import Eamm
from benchmarks.methods.pc_avs import PcAvs
from benchmarks.methods.wav2lip import Wav2Lip

BASELINES: dict[str, type[Baseline]] = {"atvg": Atvg, "eamm": Eamm, "pc_avs": PcAvs, "wav2lip": Wav2Lip}
