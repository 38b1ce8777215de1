"""The corpus in the clothes of the four datasets: names, folders, rates and tables as in the real ones.

Each module has ``shots(config, seed) -> list[Shot]``, ``write_tables(shots, root, mirror)`` (``root`` is the
dataset's folder in ``mirror``, where the ground truth of all shots must lie already) and ``SOUND_RATE`` of
its videos.
"""

from speak.corpus.layouts import crema_d, hdtf, mead, voxceleb2

LAYOUTS = {"voxceleb": voxceleb2, "mead": mead, "crema_d": crema_d, "hdtf": hdtf}
