"""The one exception a user may cause.

A ``UserError`` becomes one clear line on standard error and exit code 2. Every other exception is a bug of ours and
keeps its traceback.
"""


class UserError(Exception):
    """Something the user can mend. The message says what is wrong, in which file, and what to do."""
