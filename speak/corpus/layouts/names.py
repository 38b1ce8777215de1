"""Made-up names for the corpus's tables."""

import numpy as np

FIRST = {
    "f": (
        "Abelone",
        "Brisa",
        "Calanthe",
        "Dagny",
        "Elowen",
        "Fenna",
        "Ginevra",
        "Hedda",
        "Isaura",
        "Jorunn",
        "Kerensa",
    ),
    "m": (
        "Anselm",
        "Bertil",
        "Cosmo",
        "Dietmar",
        "Eskil",
        "Florin",
        "Gawain",
        "Halvard",
        "Ivo",
        "Jaromir",
        "Leander",
    ),
}
LAST = ("Aldersey", "Birkwood", "Cassavel", "Dunmarrow", "Esterholt", "Fallowmere", "Grimsdal")
YOUTUBE_ALPHABET = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))


def full_name(index: int, sex: str) -> tuple[str, str]:
    """First and last name of person ``index``; 77 pairs per sex before one comes again."""
    return FIRST[sex][index % len(FIRST[sex])], LAST[index % len(LAST)]


def youtube_id(rng: np.random.Generator, index: int) -> str:
    """Eleven characters of YouTube's alphabet; each fifth id begins with "-", which trips careless tools."""
    drawn = "".join(rng.choice(YOUTUBE_ALPHABET, 11))
    return "-" + drawn[1:] if index % 5 == 1 else drawn
