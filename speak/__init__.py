"""The library: corpus, ingest, models, losses, metrics and training of speech-driven talking heads.

Knows torch; never imports Ray or DVC (those live in ``pipelines``).
"""

__version__ = "0.1.0"
