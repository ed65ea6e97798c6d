"""The end of a command's help. Pure."""


def examples(*lines: str) -> str:
    """Give the examples as click wants them: after its mark for lines that are not to be wrapped."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
