"""The file that the tests of a download ask for, and what lies beside it afterwards."""

import hashlib
import random

CONTENT = random.Random(0).randbytes(700_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HALF = 350_000


def left_over(film) -> list[str]:
    return sorted(path.name for path in film.target.parent.iterdir())
