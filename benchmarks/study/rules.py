"""Whose ratings do not count: fixed in the design, before the first rating."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A participant who breaks one of these is excluded, with the reason.

    Attributes:
        min_gold_score: least mean score of the gold item, a real video.
        trap_answer: the score that the trap item asks for; any other answer to any question is a miss.
        max_repeat_difference: largest mean absolute difference between the answers to the repeated video, in points.
        max_same_share: largest share of one and the same score among a participant's answers to rated videos.
        min_median_s: least median time on a rated item, in seconds.
        min_rated_share: least share of the rated items that was answered; a session broken off later counts.
    """

    min_gold_score: float
    trap_answer: int
    max_repeat_difference: float
    max_same_share: float
    min_median_s: float
    min_rated_share: float
