"""The paper's four tables, and two with further columns, as data: which rows, which columns, and what each row is.

Method keys are those of score files. A row that is not ``ranked`` (ground truth, the ceiling and the floor)
never competes for bold.
"""

from dataclasses import dataclass, replace

from benchmarks.study.questions import QUESTIONS
from speak.metrics import METRICS

DATASETS = {"mead": "MEAD", "hdtf": "HDTF", "crema_d": "CREMA-D", "voxceleb": "VoxCeleb", "folder": "Folder"}
"""A dataset's key in score files, and its printed name."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One measured quantity of a table.

    Attributes:
        name: as in the paper's reference data.
        metric: the versioned id that score files carry.
        companion: True for a column that the paper does not have.
        ranked: as in ``Metric``.
        optional: True for a column that is left out where no method has a value in it.
    """

    name: str
    metric: str
    title: str
    unit: str
    higher_is_better: bool
    decimals: int
    companion: bool = False
    ranked: bool = True
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method of a table.

    Attributes:
        label: as printed, in the paper's words where the paper has the row.
        method: the key in score files.
        ranked: whether it competes for bold.
        mark: a footnote on the method itself, e.g. that it was trained with a metric.
    """

    label: str
    method: str
    ranked: bool = True
    mark: str | None = None


MEANS = (
    "mean over the clips that every measured method scored, with its {level} bootstrap interval, clustered by "
    "person{seeds}"
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One table.

    Attributes:
        datasets: keys, in printed order.
        absent: the reason printed where a method has no scores at all.
        open_rows: which measured methods that are not listed get a row: none (""), those that no table lists ("new"),
            or every one ("all").
        variant: one word for a further table beside the paper's of that number, which has columns of its own.
        note: what a reader must know about a further table.
        means: what a measured number is, with places for the level and for what is said of seeds.
    """

    number: int
    title: str
    datasets: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    absent: str
    open_rows: str = ""
    variant: str = ""
    note: str = ""
    means: str = MEANS

    @property
    def key(self) -> int | str:
        """The table's place in ``LAYOUTS`` and in file names, e.g. ``1`` or ``1_readings``."""
        return f"{self.number}_{self.variant}" if self.variant else self.number

    @property
    def name(self) -> str:
        """As printed, e.g. ``Table 1`` or ``Table 1, other readings``."""
        return f"Table {self.number}" + (f", other {self.variant}" if self.variant else "")


NEED_PUBLISHED_WEIGHTS = {"sync_conf_official", "lpips"}
"""Metrics that are null on every machine without certain files."""


def _metric_column(name: str, companion: bool = False) -> Column:
    metric = METRICS[name]
    return Column(
        name=name,
        metric=metric.id,
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        decimals=metric.decimals,
        companion=companion,
        ranked=metric.ranked,
        optional=name in NEED_PUBLISHED_WEIGHTS,
    )


def _rating_column(name: str, title: str) -> Column:
    return Column(name=name, metric=f"{name}-v1", title=title, unit="1–5", higher_is_better=True, decimals=2)


PAPER_METRICS = tuple(_metric_column(name) for name in ("ssim", "psnr", "f_lmd", "m_lmd", "sync_conf"))
COMPANIONS = tuple(
    _metric_column(name, companion=True)
    for name in ("f_lmd_missfill", "m_lmd_missfill", "pose_error", "sync_conf_other", "sync_conf_official")
)
RATINGS = {name: _rating_column(f"{name}_mos", question.title) for name, question in QUESTIONS.items()}
"""Table 2's column of each question."""
READINGS = tuple(
    _metric_column(name, companion=True)
    for name in (
        *("ssim_uniform", "ssim_luma", "psnr_luma", "psnr_of_mean", "psnr_wrap8"),
        *("f_lmd_aligned", "m_lmd_aligned", "f_lmd_normalised", "m_lmd_normalised", "f_lmd_ibug68", "m_lmd_ibug20"),
    )
)
"""SSIM, PSNR, F-LMD and M-LMD by other definitions."""
QUALITIES = tuple(
    _metric_column(name, companion=True)
    for name in (
        *("head_pose_error", "expression_error", "landmark_jitter", "velocity_error", "blink_rate_error", "sharpness"),
        *(
            "identity_similarity",
            "emotion_accuracy",
            "lpips",
            "sync_dist",
            "sync_offset",
            "sync_gap",
            "mouth_sound_corr",
        ),
    )
)
"""What the paper does not measure."""

GROUND_TRUTH = Row(label="Ground Truth", method="ground_truth", ranked=False)
FULL_MODEL = Row(label="SPEAK", method="speak")
TRAINED_WITH_METRIC = "trained with a sync network, which Sync_conf favours"
BASELINES = (
    Row(label="ATVG", method="atvg"),
    Row(label="EAMM", method="eamm"),
    Row(label="PC-AVS", method="pc_avs"),
    Row(label="Wav2Lip", method="wav2lip", mark=TRAINED_WITH_METRIC),
)

COMPARISON = Layout(
    number=1,
    title="Comparison with other methods",
    datasets=("mead", "hdtf"),
    columns=PAPER_METRICS + COMPANIONS,
    rows=(
        GROUND_TRUTH,
        Row(label="Codec ceiling", method="codec_ceiling", ranked=False),
        Row(label="Still", method="still", ranked=False),
        *BASELINES,
        FULL_MODEL,
    ),
    absent="this method is not part of this run",
    open_rows="new",
)

LAYOUTS = {
    1: COMPARISON,
    2: Layout(
        number=2,
        title="User study, mean opinion scores",
        datasets=("mead", "crema_d"),
        columns=tuple(RATINGS.values()),
        rows=(GROUND_TRUTH, *BASELINES, FULL_MODEL),
        absent="no ratings yet",
        open_rows="all",
        means="mean of all ratings of the clips that every rated method has ratings of, with its {level} interval; "
        "participants and clips (those of a person together) both count as drawn at random{seeds}",
    ),
    3: Layout(
        number=3,
        title="Ablation of the IRFD losses",
        datasets=("mead", "hdtf"),
        columns=PAPER_METRICS,
        rows=(
            Row(label="w/o L_identity", method="speak_no_identity"),
            Row(label="w/o L_cls", method="speak_no_cls"),
            Row(label="w/o L_pose", method="speak_no_pose"),
            Row(label="w/o L_emotion", method="speak_no_emotion"),
            Row(label="w/o L_self", method="speak_no_self"),
            FULL_MODEL,
        ),
        absent="this ablation has not been trained",
    ),
    4: Layout(
        number=4,
        title="Ablation of SPEAK",
        datasets=("mead", "hdtf"),
        columns=PAPER_METRICS,
        rows=(
            Row(label="w/o IRFD", method="speak_no_irfd"),
            Row(label="w/o L_GAN", method="speak_no_gan"),
            Row(label="w/o L_vgg", method="speak_no_vgg"),
            Row(label="w/o L_sync", method="speak_no_sync"),
            FULL_MODEL,
        ),
        absent="this ablation has not been trained",
    ),
    "1_readings": replace(
        COMPARISON,
        columns=READINGS,
        variant="readings",
        note="The paper names SSIM, PSNR and LMD but does not define them, and the usual definitions give different "
        "numbers: window and colour change SSIM and PSNR, luma forgives errors of colour, alignment forgives where the "
        "head is, normalisation how large the face is. PSNR in wrapped 8 bits is an artefact of some public scripts, "
        "shown because published columns look like it.",
    ),
    "1_qualities": replace(
        COMPARISON,
        columns=QUALITIES,
        variant="qualities",
        note="What the paper does not measure: head, expression, motion over time, sharpness, person, emotion, and lip "
        "sync by more than one instrument. Arrows say which way is better; an error is a distance from the reference. "
        "Identity and emotion are named by judges that err on real clips, too (Judges). A mouth that does not move has "
        "no correlation with the sound: read that column beside its coverage.",
    ),
}
"""By table number; the paper's four, then the further tables."""
