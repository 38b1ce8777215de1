"""Every network whose authors' weights can be loaded, by the name of its list of weights.

Called without arguments each builds the official size; ``width=n`` divides the inner channel counts, where it is taken.
"""

from collections.abc import Callable

from torch import nn

from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.methods.eamm_network_audio import AudioFeatures
from benchmarks.methods.eamm_network_emotion import EmotionDisplacement
from benchmarks.methods.eamm_network_generator import MotionRenderer
from benchmarks.methods.eamm_network_keypoints import AudioKeypointDetector, KeypointDetector
from benchmarks.methods.pc_avs_network_audio import SpeechEncoder
from benchmarks.methods.pc_avs_network_generator import PoseModulatedGenerator
from benchmarks.methods.pc_avs_network_identity import IdentityEncoder
from benchmarks.methods.pc_avs_network_pose import MotionEncoder
from benchmarks.methods.syncnet_network import syncnet
from benchmarks.methods.wav2lip_network import QualityDiscriminator, SyncExpert, Wav2Lip

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "wav2lip_generator": Wav2Lip,
    "wav2lip_disc_qual": QualityDiscriminator,
    "wav2lip_syncnet_color": SyncExpert,
    "syncnet_s": syncnet,
    "atvg_atnet": AtNet,
    "atvg_vgnet": VgNet,
    "pcavs_netG": PoseModulatedGenerator,
    "pcavs_netV": IdentityEncoder,
    "pcavs_netE": MotionEncoder,
    "pcavs_netA_sync": SpeechEncoder,
    "eamm_generator": MotionRenderer,
    "eamm_kp_detector": KeypointDetector,
    "eamm_kp_detector_a": AudioKeypointDetector,
    "eamm_audio_feature": AudioFeatures,
    "eamm_emo_detector": EmotionDisplacement,
}
