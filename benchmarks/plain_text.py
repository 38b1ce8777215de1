"""Text from strangers, made safe to print."""


def shown(text: str) -> str:
    """The text with every character that is not printable as its escape.

    Line breaks, terminal control sequences, characters that turn the direction of writing and halves of surrogate
    pairs become ``\\n``, ``\\x1b``, ``\\u202e``, ``\\ud800``; everything else stays.
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
