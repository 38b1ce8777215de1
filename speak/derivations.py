"""Arrays that published models cannot be used without, made from the files that their authors publish.

None of the authors' arrays is passed on by this project: a file is fetched from its published address, what is needed
of it is taken out here, and it is written anew in one layout, so that its bytes depend on nothing but its numbers.
"""

import io
from collections.abc import Callable

import numpy as np

LARGEST_PUBLISHED_BYTES = 4 << 20
"""Published files are smaller; a longer answer is something else."""

NUM_POINTS, KEPT_COLUMNS = 68, 6


def first_columns(array: np.ndarray) -> np.ndarray:
    """(136, n) principal components to the (136, 6) that ATVG was trained with, column by column in memory."""
    return np.asfortranarray(array[:, :KEPT_COLUMNS])


def points(array: np.ndarray) -> np.ndarray:
    """136 numbers x, y in turn, in any shape, to (68, 2)."""
    return np.ascontiguousarray(array.reshape(NUM_POINTS, 2))


DERIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "the array": np.ascontiguousarray,
    "its first 6 columns": first_columns,
    "its 68 points": points,
}


def derived(published: bytes, derivation: str) -> bytes:
    """The content of the ``.npy`` file that is made of a published one.

    Args:
        published: a ``.npy`` file; one that holds objects is refused.
        derivation: key of ``DERIVATIONS``.

    Raises:
        ValueError: it is no such file, or its array has no such part.
    """
    try:
        array = np.load(io.BytesIO(published), allow_pickle=False)
        made = DERIVATIONS[derivation](array)
    except (OSError, EOFError, IndexError, AttributeError, MemoryError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    content = io.BytesIO()
    np.lib.format.write_array(content, made, version=(1, 0), allow_pickle=False)
    return content.getvalue()
