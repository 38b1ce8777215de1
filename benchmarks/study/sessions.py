"""What a participant may do next, decided by the server alone: one way forward, never back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.study.design import Design, Item, Step
from benchmarks.study.plan import TRAINING
from benchmarks.study.questions import QUESTIONS, SCORES
from benchmarks.study.storage import AlreadyRated, Progress, Store

CONSENT, INSTRUCTIONS, SCREEN_CHECK = "consent", "instructions", "screen_check"
ITEM, DONE, WITHDRAWN = "item", "done", "withdrawn"
"""Stages of a session; each has a template of its name."""
SESSION_BYTES = 8


class Refused(Exception):
    """A request that does not fit where its participant stands.

    Attributes:
        status: of HTTP.
        message: what the participant reads; never contains what was sent.
    """

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a participant stands.

    Attributes:
        stage: one of the constants above.
        position: of the item, from 1; None elsewhere.
        step, item: what stands there.
    """

    progress: Progress
    stage: str
    position: int | None = None
    step: Step | None = None
    item: Item | None = None


class Sessions:
    """The participants of one study."""

    def __init__(self, design: Design, store: Store):
        self.design, self.store = design, store

    def place(self, participant: str) -> Place:
        """Where a participant stands."""
        progress = self.store.progress(participant)
        for stage, passed in (
            (WITHDRAWN, progress.withdrawn_at is None),
            (CONSENT, progress.consented_at),
            (INSTRUCTIONS, progress.instructed_at),
            (SCREEN_CHECK, progress.checked_at),
        ):
            if not passed:
                return Place(progress=progress, stage=stage)
        position = progress.answered + 1
        if position > len(self.design.sequences[participant]):
            return Place(progress=progress, stage=DONE)
        step, item = self.design.step(participant, position)
        return Place(progress=progress, stage=ITEM, position=position, step=step, item=item)

    def enter(self, participant: str) -> None:
        """Begin a sitting."""
        self.store.note(participant, session=secrets.token_hex(SESSION_BYTES))

    def show(self, participant: str) -> Place:
        """The same as ``place``; an item's time begins to run."""
        place = self.place(participant)
        if place.progress.session is None:
            self.enter(participant)
        if place.stage == ITEM:
            self.store.note(participant, opened_position=place.position, opened_at=_now().isoformat())
        return place

    def pass_stage(self, participant: str, stage: str) -> None:
        """Note that consent was given or the instructions were read; once noted, a repetition changes nothing."""
        place = self.place(participant)
        column = {CONSENT: "consented_at", INSTRUCTIONS: "instructed_at", SCREEN_CHECK: "checked_at"}[stage]
        if place.stage == stage:
            self.store.note(participant, **{column: _now().isoformat(timespec="seconds")})
        elif getattr(place.progress, column) is None:
            raise Refused(409, "This step comes later. Load the page again.")

    def check_screen(self, participant: str, digit: int, beeps: int) -> None:
        """Pass the check of picture and sound, or refuse."""
        wanted = self.design.screen_check
        if (digit, beeps) != (wanted.digit, wanted.beeps):
            raise Refused(422, "That is not what the video showed and played. Turn the sound on and try again.")
        self.pass_stage(participant, SCREEN_CHECK)

    def video(self, participant: str, name: str) -> str:
        """The name of a video that this participant may see now; any other is refused."""
        place = self.place(participant)
        current = {SCREEN_CHECK: self.design.screen_check.item, ITEM: place.item and place.item.name}.get(place.stage)
        if current is None or name != current:
            raise Refused(404, "There is no such video here now. Load the page again.")
        return current

    def rate(self, participant: str, position: int, video: str, scores: Mapping[str, int]) -> bool:
        """Store the answers to the current item.

        Returns:
            False when these very answers were stored before.

        Raises:
            Refused: another place, another video, too early, or other answers are stored.
        """
        _check_scores(scores)
        place = self.place(participant)
        if place.progress.consented_at is None or place.stage == WITHDRAWN:
            raise Refused(403, "Ratings need your consent first.")
        steps = self.design.sequences[participant]
        if not 1 <= position <= len(steps) or video != steps[position - 1].item:
            raise Refused(403, "This video is not yours to rate here.")
        if place.position is None or position < place.position:
            return self._stored_before(participant, position, scores)
        now = _now()
        seconds = self._seconds_since_shown(place, position, now)
        try:
            self.store.add(
                participant,
                position,
                scores,
                session=place.progress.session,
                answered_at=now.isoformat(timespec="milliseconds"),
                seconds=round(seconds, 3),
            )
        except AlreadyRated:
            return self._stored_before(participant, position, scores)
        return True

    def _seconds_since_shown(self, place: Place, position: int, now: datetime) -> float:
        if position != place.progress.opened_position:
            raise Refused(409, "This video was not shown yet. Load the page again.")
        seconds = max((now - datetime.fromisoformat(place.progress.opened_at)).total_seconds(), 0.0)
        if seconds < self.design.min_watched_share * place.item.duration_s:
            raise Refused(409, "The video was not watched to its end.")
        return seconds

    def _stored_before(self, participant: str, position: int, scores: Mapping[str, int]) -> bool:
        stored = self.store.scores(participant, position)
        if not stored:
            raise Refused(409, "This step comes later. Load the page again.")
        if stored != dict(scores):
            raise Refused(409, "This video has been rated; ratings cannot be changed.")
        return False

    def shares(self, place: Place) -> tuple[int, int]:
        """How many items are done, and of how many."""
        total = len(self.design.sequences[place.progress.participant])
        return (total if place.position is None else place.position - 1), total


def is_practice(place: Place) -> bool:
    """Whether the item at hand is one to practise on."""
    return place.step is not None and place.step.kind == TRAINING


def _check_scores(scores: Mapping[str, int]) -> None:
    if set(scores) != set(QUESTIONS) or not all(score in SCORES for score in scores.values()):
        raise Refused(422, "Each question needs one score from 1 to 5.")


def _now() -> datetime:
    return datetime.now(UTC)
