"""What a participant is asked about each video (section 4.4.3 of the paper), and the scale of the answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        title: as a column of Table 2.
        wording: as the participant reads it.
    """

    title: str
    wording: str


QUESTIONS = {
    "lip_sync": Question("Lip sync", "How well do the lips match the speech?"),
    "head_naturalness": Question("Head naturalness", "How natural are the movements of the head?"),
    "video_realness": Question("Video realness", "How real does the video look?"),
}
"""In the order of the paper; Table 2's column of a question is its name and ``_mos``."""

SCORES = (1, 2, 3, 4, 5)
"""The higher, the better."""

SCALE = {
    "1–2": "significant difference from a real video, poor quality",
    "3": "mediocre, neither good nor bad",
    "4–5": "good lip sync, natural head motions, realism",
}
"""What the scores mean, in the paper's words."""
