"""What is wrong with a media file, as opposed to a bug of ours."""


class MediaError(Exception):
    """A file cannot be read as it should; the message is a short reason that fits a quarantine row."""


class NoSound(MediaError):
    """Nothing is wrong with the file, but it has no sound: no track, or an empty one."""
