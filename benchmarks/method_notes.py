"""What each method of the benchmark is, in a sentence, by its printed name."""

METHOD_NOTES = {
    "Ground Truth": "the clip itself, not encoded again",
    "Codec ceiling": "the clip through the encoder that stores every method's videos: no method can do better",
    "Still": "the identity frame, repeated: the floor",
    "SPEAK": "the paper's method; which parts were trained stands in the profile and in docs/paper.md",
    "ATVG": "from the sound to landmarks, from these and the picture to frames; the head keeps still",
    "EAMM": "key points from sound, head pose and an emotional clip warp a photo",
    "PC-AVS": "identity from the picture, mouth from the sound, head pose from the driving clip",
    "Wav2Lip": "repaints the lower face of the identity frame to the sound; the head keeps still",
    "mouth": "small and ours, not the paper's: the identity frame with its mouth moved by the sound",
}
