"""The judges: networks and classifiers that metrics ask. ``files`` finds them, ``build`` loads them."""
