"""Отклик: watches the reviews of a business, drafts replies and makes sure a person answers in time."""


def __getattr__(name: str) -> str:
    """`VERSION`, looked up when somebody asks: the metadata machinery costs more than a whole idle step."""
    if name != "VERSION":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("otklik")
    except PackageNotFoundError:  # run from a tree that was never installed
        return "0+unknown"
