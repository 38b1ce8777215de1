"""Where clips come from: one module per dataset, each with the same functions.

``catalogue(root) -> list[Item]`` lists every expected item from the dataset's own metadata,
``copy_metadata(origin, root)`` obtains that metadata from a mirror, ``fetch(item, origin, root)`` obtains one
item's media or raises ``FetchError(reason)``. ``catalogue`` gives the same on a mirror and on a root that
``copy_metadata`` has filled.

All but ``folder`` have a remote form, too: ``PUBLISHED`` is the address at which the dataset publishes itself,
``tables(base) -> list[Wanted]`` the files that the catalogue is read from, ``wanted(root, base) -> list[Wanted]``
the media (and what else is still missing) once these tables lie under ``root``. ``base`` is ``PUBLISHED`` or the
address of a mirror that serves the dataset's files as they are. Where archives are among the wanted files, the
catalogue is read again when they have been unpacked beside themselves.
"""

from speak.sources import crema_d, folder, hdtf, mead, voxceleb
from speak.sources.item import FetchError, Item

__all__ = ["SOURCES", "FetchError", "Item"]

SOURCES = {"voxceleb": voxceleb, "mead": mead, "crema_d": crema_d, "hdtf": hdtf, "folder": folder}
