"""Between the codec's YUV and our RGB, without a systematic shift.

The scaler's fast path rounds down and darkens a picture by about one grey level per conversion; with accurate
rounding and full chroma interpolation the mean error of a round trip is below 0.03 levels, at four times the cost.
Only pictures in which a face is searched, and none that is kept, go the fast way. Files of ours are
BT.709, limited range, and tagged so. Foreign files are read by their tags; an untagged file is taken as
BT.709 from 720 lines up and as BT.601 below, as players do.
"""

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

EXACT = (
    Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP | Interpolation.BITEXACT
)
SCALER, SHRINKER = Interpolation.BILINEAR | EXACT, Interpolation.AREA | EXACT
ROUGH = Interpolation.BILINEAR | Interpolation.BITEXACT
HIGH_DEFINITION_LINES = 720

_MATRIX_OF_TAG = {  # AVColorSpace (ITU-T H.273 matrix coefficients) to the scaler's own numbering
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}


def to_rgb(
    frame: av.VideoFrame,
    converter: VideoReformatter,
    *,
    lines: int | None = None,
    size: tuple[int, int] | None = None,
    rough: bool = False,
) -> np.ndarray:
    """A decoded frame as (H, W, 3) uint8 RGB, before any rotation.

    Args:
        frame: any pixel format.
        converter: reused from frame to frame of one stream, since setting up the scaler costs more than using
            it.
        lines: of the whole picture, where ``frame`` is a part of it.
        size: width and height to shrink to by averaging areas, before the conversion: less work, the same picture
            (0.1 grey levels apart on average). None keeps the frame's own.
        rough: the fast way, about one grey level too dark; for pictures of their own size only.
    """
    width, height = size or (frame.width, frame.height)
    by_size = Colorspace.ITU709 if (lines or frame.height) >= HIGH_DEFINITION_LINES else Colorspace.ITU601
    full_range = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    converted = converter.reformat(
        frame,
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=_MATRIX_OF_TAG.get(frame.colorspace, by_size),
        src_color_range=ColorRange.JPEG if full_range or frame.format.is_rgb else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=SHRINKER if size else ROUGH if rough else SCALER,
        threads=1,
    )
    return converted.to_ndarray()


def to_yuv(image: np.ndarray, converter: VideoReformatter, *, bt709: bool) -> av.VideoFrame:
    """(H, W, 3) uint8 RGB as a limited-range yuv420p frame, in BT.709 or (old codecs without tags) BT.601."""
    return converter.reformat(
        av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"),
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709 if bt709 else Colorspace.ITU601,
        dst_color_range=ColorRange.MPEG,
        interpolation=SCALER,
        threads=1,
    )
