"""Do the metrics work? Test clips are spoiled in known ways, and every metric must notice what it is there for.

``DEGRADATIONS`` (in ``registry``) says how a clip is spoiled, ``EXPECTATIONS`` (in ``expectations``) what a metric must
make of it, ``verdicts`` compares the two with what was measured.
"""
