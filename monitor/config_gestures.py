"""What config.yaml lets the staff give away in private: what a sale leaves, how much of that may go into gestures, and
who may agree to how much."""

from dataclasses import dataclass
from decimal import Decimal

from monitor import config_values as values
from monitor.config_file import Section
from monitor.config_words import read_texts

MOST = 999_999_999
EXAMPLE = "gestures: {price: 10000, cost: 4000, acquisition: 2000, share: 0.35, operator_limit: 500}"


@dataclass(frozen=True, slots=True)
class GestureLimits:
    """Whole roubles. `share` (0 to 1) of the margin may go into the gestures for one review; anybody agrees to
    `operator_limit` of it, only `owners` (as they act: `--as`, $OTKLIK_USER, login) to more."""

    price: int
    cost: int
    acquisition: int
    share: Decimal
    operator_limit: int
    owners: tuple[str, ...] = ()

    @property
    def margin(self) -> int:
        return self.price - self.cost - self.acquisition

    @property
    def allowed(self) -> int:
        """Per review, rounded down."""
        return int(self.margin * self.share)


def read_gestures(root: Section) -> GestureLimits | None:
    """None where the file has no such section, or a wrong one."""
    if "gestures" not in root.entries:
        return None
    section = root.section("gestures")
    section.allow("price", "cost", "acquisition", "share", "operator_limit", "owners")
    price = section.read("price", values.whole(1, MOST), None, example="10000")
    cost = section.read("cost", values.whole(0, MOST), None, example="4000")
    acquisition = section.read("acquisition", values.whole(0, MOST), None, example="2000")
    share = section.read("share", values.share, None, example="0.35")
    limit = section.read("operator_limit", values.whole(0, MOST), None, example="500")
    owners = read_texts(section, "owners", example="[olga]")
    if price is None or cost is None or acquisition is None or share is None or limit is None:
        return None
    limits = GestureLimits(price, cost, acquisition, share, limit, owners)
    sale = f"{price} - {cost} - {acquisition} = {limits.margin}"
    if limits.margin <= 0:
        section.refuse("price", f"leaves no margin ({sale}): it must be more than cost and acquisition together")
    elif limit > limits.allowed:
        section.refuse(
            "operator_limit",
            f"is more than the share allows: {sale}, of which {share} is {limits.allowed}; write at most that",
        )
    return limits
