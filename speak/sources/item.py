"""One expected clip of a dataset, before anything is decoded.

A catalogue is a list of items made from the dataset's own metadata, so that what is missing is known by name.
An item says where the media lie under the dataset's root, which part of them is meant, what the labels are,
and which face is meant where the source shows more than a face.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from speak.errors import UserError

Box = tuple[float, float, float, float]
"""left, top, right, bottom."""


class FetchError(Exception):
    """An item could not be obtained; the message is the reason, fit for a ledger row."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One expected clip.

    Attributes:
        item_id: stable name made of the dataset's own names (``mead/M003/front/happy/level_1/001``); the
            later ``clip_id``.
        emotion: one of ``speak.data.clip.EMOTIONS`` or None; level: 1 to 3 or None.
        video: path under the dataset's root, with ``/``.
        audio: path of a separate sound file under the root; None means the video's own track.
        start_s, end_s: the part of ``video`` that is meant, seconds on its clock; None means its start, its
            end.
        box: where the face is (all of the item); a hint that may leave the frame. Units as in ``box_unit``.
        boxes: rows (time_s, left, top, right, bottom), times on the clock of ``video``; None when not known.
        box_unit: ``pixels`` of a frame ``box_height`` high (scale them to the height obtained), or
            ``fraction`` of the frame's width and height.
        box_height: height of the frame that pixels refer to; None: the frame of ``video`` as it is.
        partition: the dataset's own split (``dev``, ``test`` ...); ours is made by person later.
        sex: ``female``, ``male`` or None.
        note: what is odd about it in the dataset's own tables; None for most.
    """

    item_id: str
    dataset: str
    person: str
    emotion: str | None = None
    level: int | None = None
    sentence: str | None = None
    video: str
    audio: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    box: Box | None = None
    boxes: tuple[tuple[float, float, float, float, float], ...] | None = None
    url: str | None = None
    partition: str | None = None
    box_unit: Literal["pixels", "fraction"] = "pixels"
    box_height: int | None = None
    sex: str | None = None
    note: str | None = None

    def box_in(self, width: int, height: int) -> Box | None:
        """The hint ``box`` in pixels of a frame ``width`` x ``height`` (the size obtained); None without."""
        return None if self.box is None else self._scaled(self.box, width, height)

    def boxes_in(self, width: int, height: int) -> list[tuple[float, Box]] | None:
        """The track ``boxes`` as (time_s, box) in pixels of a frame ``width`` x ``height``."""
        if self.boxes is None:
            return None
        return [(time_s, self._scaled(box, width, height)) for time_s, *box in self.boxes]

    def _scaled(self, box: Sequence[float], width: int, height: int) -> Box:
        scale = 1.0 if self.box_height is None else height / self.box_height
        x, y = (width, height) if self.box_unit == "fraction" else (scale, scale)
        left, top, right, bottom = box
        return left * x, top * y, right * x, bottom * y


def ordered(items: Sequence[Item]) -> list[Item]:
    """Items sorted by id. Raises UserError when two files claim one id, since one would hide the other."""
    for item_id, count in Counter(item.item_id for item in items).items():
        if count > 1:
            files = ", ".join(item.video for item in items if item.item_id == item_id)
            raise UserError(f"{item_id}: claimed by {count} files ({files}); keep one of them")
    return sorted(items, key=lambda item: item.item_id)


def packed_item(dataset: str, archive: str, person: str) -> Item:
    """What an archive (path under the root) stands for before it is unpacked, when nobody knows what it holds."""
    return Item(
        item_id=f"{dataset}/{archive}",
        dataset=dataset,
        person=person,
        video=archive,
    )
