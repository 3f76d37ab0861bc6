"""Words looked up by their beginnings: `вкусн*` stands for every word that begins so."""


def fits(pattern: str, key: str) -> bool:
    """Whether one normalised word fits one entry."""
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern
