"""Emotion accuracy: does the generated face show the emotion that its clip is labelled with?"""

from speak.metrics.found import has_face, too_few
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig, Missing


def emotion_accuracy(pair: ClipPair, config: MetricConfig) -> Measurement:
    """1 when the judge names the clip's label, else 0; the mean over clips is the accuracy."""
    judge = pair.judges.emotion
    if isinstance(judge, Missing):
        return Measurement(None, judge.reason)
    if pair.emotion is None:
        return Measurement(None, "the clip has no emotion label")
    if pair.neutral_landmarks is None:
        return Measurement(None, "no neutral picture of this person")
    wanted = has_face(pair.reference_landmarks)
    found = has_face(pair.generated_landmarks) & wanted
    null = too_few(found, wanted, config)
    if null:
        return null
    distances, share = judge(pair.generated_landmarks[found], pair.neutral_landmarks), float(found[wanted].mean())
    if pair.emotion not in distances:
        return Measurement(None, f"no training clip was labelled {pair.emotion}", share)
    return Measurement(float(min(distances, key=distances.get) == pair.emotion), None, share)


EMOTION_ACCURACY = Metric(
    name="emotion_accuracy",
    id="emotion_accuracy-landmark-change-v1",
    title="Emotion",
    unit="",
    higher_is_better=True,
    decimals=2,
    summary="Share of clips whose emotion label is named by a classifier of how the landmarks differ from a neutral "
    "picture of the same person, fitted on this run's training persons. It errs on real clips, too: how often stands "
    "under Judges, and ground truth's own row is the ceiling.",
    inputs="landmarks, those of a neutral picture, emotion label, judge of emotion",
    source="this project (Fisher 1936 for the discriminants)",
    null_when="the clip has no label, no training clip had it, its person has no neutral picture, or too few frames "
    "show a face",
    compute=emotion_accuracy,
)
