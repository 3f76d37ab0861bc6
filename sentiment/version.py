"""Which analysis this is, without loading it: a pass with nothing to classify asks only this."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentiment.business import Business

_FOLDER = Path(__file__).resolve().parent


def version(business: "Business | None" = None) -> str:
    """Changes with the model, with every rule and with what a config says of the business."""
    own = business.digest if business is not None else ""
    return f"{_shipped()}-{own}" if own else _shipped()


@cache
def _shipped() -> str:
    """16 hex digits over the package's code and data files."""
    digest = sha256()
    data = _FOLDER / "data"
    tables = (*(data / "rules").rglob("*.toml"), *(data / "people").glob("*.toml"))
    files = (*_FOLDER.glob("*.py"), *data.glob("model.*"), *data.glob("detector.*"), *tables)
    for path in sorted(files):
        digest.update(path.relative_to(_FOLDER).as_posix().encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
