"""Text of others on the operator's terminal."""


def shown(text: str) -> str:
    """Give the text without what moves the cursor, colours the terminal or turns the line around."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
