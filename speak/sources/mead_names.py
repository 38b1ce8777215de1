"""The names under which MEAD's takes go about: the authors' folders, and other people's one-word names."""

import re
from dataclasses import dataclass

VIEWS = ("front", "left_30", "left_60", "right_30", "right_60", "top", "down")
_VIEW = rf"(?P<view>{'|'.join(VIEWS)})"
_TAKE = r"(?P<emotion>[^/]+)/level_(?P<level>[123])/(?P<number>\d+)"
VIDEO = re.compile(rf"(?P<home>.*/)?{_VIEW}/{_TAKE}\.mp4")
AUDIO = re.compile(rf"(?P<home>.*/)?{_TAKE}\.(?:m4a|wav|aac)")
PERSON = re.compile(r"(?<![A-Za-z0-9])[MW]\d{3}(?![0-9])")
_START = rf"(?:.*/)?(?P<person>[MW]\d{{3}})_(?:{_VIEW}_)?"
ONE_WORD = (
    re.compile(rf"{_START}level_?(?P<level>[123])_(?P<emotion>[a-z]+)_(?P<number>\d+)\.(?P<suffix>mp4|m4a|wav|aac)"),
    re.compile(
        rf"{_START}(?P<emotion>[a-z]+)_(?:level_?)?(?P<level>[123])_(?P<number>\d+)\.(?P<suffix>mp4|m4a|wav|aac)"
    ),
)
"""``M003_level_1_disgusted_015.mp4``; ``M030_sad_3_001.mp4`` and ``M030_front_angry_level3_001.mp4``."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """What a name says; ``number`` and ``level`` as they are written there."""

    person: str
    view: str
    emotion: str
    level: str
    number: str

    @property
    def spoken(self) -> tuple[str, ...]:
        """What its sound goes by: the view plays no part."""
        return self.person, self.emotion, self.level, self.number


def take_of(path: str, root_name: str) -> Take | None:
    """The take a video's path names, or None. ``root_name`` is that of the dataset's folder."""
    if match := VIDEO.fullmatch(path):
        return _take(match, person_of(match["home"] or "", root_name))
    match = _one_word(path)
    return _take(match, match["person"]) if match and match["suffix"] == "mp4" else None


def sound_of(path: str, root_name: str) -> tuple[str, ...] | None:
    """What a sound file belongs to (see ``Take.spoken``), or None where the path names no take's sound."""
    if match := AUDIO.fullmatch(path):
        return person_of(match["home"] or "", root_name), match["emotion"], match["level"], match["number"]
    match = _one_word(path)
    return _take(match, match["person"]).spoken if match and match["suffix"] != "mp4" else None


def person_of(home: str, root_name: str) -> str:
    """The person in the folders above a view: ``M003/video`` is M003; without such a name, the root's, else
    the top.

    ``video28/video`` names nobody in MEAD's way; its first folder then stands for the person.
    """
    names = PERSON.findall(home) or PERSON.findall(root_name)
    return names[-1] if names else home.split("/")[0] or root_name


def _one_word(path: str) -> re.Match | None:
    return next((match for pattern in ONE_WORD if (match := pattern.fullmatch(path))), None)


def _take(match: re.Match, person: str) -> Take:
    return Take(
        person=person,
        view=match["view"] or "front",
        emotion=match["emotion"],
        level=match["level"],
        number=match["number"],
    )
