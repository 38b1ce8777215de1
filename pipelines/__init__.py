"""One short file per DVC stage.

Importing this package pins every numerical library to one thread, before any of them is loaded: two threads on two
busy cores are several times slower, and results differ between thread counts.
"""

import os

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
os.environ.update(ONE_THREAD)
