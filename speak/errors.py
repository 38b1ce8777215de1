"""The one exception a user may cause.

A ``UserError`` becomes one clear line on standard error and exit code 2. Every other exception is a bug of ours and
keeps its traceback.
"""


class UserError(Exception):
    """Something the user can mend. The message says what is wrong, in which file, and what to do."""


DISK_ERRORS = {28: "no space left", 30: "read-only file system", 122: "disk quota exceeded"}
"""errno values of the disk that are the user's to mend."""


def disk_mistake(error: OSError) -> UserError | None:
    """The UserError for a full or read-only disk; None when the error is something else."""
    if error.errno not in DISK_ERRORS:
        return None
    return UserError(f"{error.filename or 'writing output'}: {DISK_ERRORS[error.errno]}; make room and run again")
