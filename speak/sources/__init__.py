"""Where clips come from: one module per dataset, each with the same three functions.

``catalogue(root) -> list[Item]`` lists every expected item from the dataset's own metadata,
``copy_metadata(origin, root)`` obtains that metadata from a mirror, ``fetch(item, origin, root)`` obtains one
item's media or raises ``FetchError(reason)``. ``catalogue`` gives the same on a mirror and on a root that
``copy_metadata`` has filled.
"""

from speak.sources import crema_d, folder, hdtf, mead, voxceleb
from speak.sources.item import FetchError, Item

__all__ = ["SOURCES", "FetchError", "Item"]

SOURCES = {"voxceleb": voxceleb, "mead": mead, "crema_d": crema_d, "hdtf": hdtf, "folder": folder}
