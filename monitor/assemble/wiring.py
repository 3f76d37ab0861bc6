"""What only sources and the analysis can tell of a config."""

from typing import TYPE_CHECKING

from monitor import config_values as values
from monitor import own_words
from monitor.config import Config, Listing, Place
from monitor.errors import ConfigError, ModelUnusable
from monitor.model import Card, SourceSettings
from monitor.sources import REGISTRY

if TYPE_CHECKING:
    from sentiment.analyse import Analyser as ShippedAnalyser
    from sentiment.business import Business


def load_analyser(business: "Business | None" = None) -> "ShippedAnalyser":
    """The shipped analysis, which knows that business. Raises ModelUnusable when its files are damaged or missing."""
    from sentiment.analyse import load
    from sentiment.model import ModelError
    from sentiment.rules import RuleError

    try:
        return load(business=business)
    except (ModelError, RuleError) as error:
        raise ModelUnusable(f"{error}; install otklik again, or rebuild the model with `otklik train`") from error


def wiring_problems(config: Config) -> tuple[ConfigError, ...]:
    """What only the sources and the analysis can tell of a config: unknown names, options and missing card fields,
    words that cannot be looked for."""
    errors = list(own_words.problems(config))
    known = {name: make(SourceSettings()) for name, make in REGISTRY.items()}
    names = ", ".join(known)
    for name, settings in config.sources.items():
        if name not in known:
            errors.append(config.error(f"sources.{name}", f"there is no source {name!r}; known: {names}"))
            continue
        errors.extend(
            config.error(f"sources.{name}.{option}", f"{name} has no option {option!r}")
            for option in settings.env
            if option not in known[name].env_options
        )
    for place_number, place in enumerate(config.places):
        for number, listing in enumerate(place.listings):
            path = f"places.{place_number}.listings.{number}"
            if not listing.source:
                continue  # the file itself is wrong there, and said so
            if listing.source not in known:
                errors.append(config.error(f"{path}.source", f"there is no source {listing.source!r}; known: {names}"))
                continue
            given = {"id": listing.id, **listing.params}
            fields = known[listing.source].card_fields
            errors.extend(
                config.error(path, f"a {listing.source} listing needs {field!r}")
                for field in fields
                if not given.get(field)
            )
            if known[listing.source].card_is_address and listing.id and not values.is_web_address(listing.id):
                errors.append(
                    config.error(
                        f"{path}.id", "must be the whole address of the page, such as https://example.ru/otzyvy"
                    )
                )
    return tuple(errors)


def card_of(place: Place, listing: Listing) -> Card:
    """A card's own id is the last field its source asks for (Google: the location; its account may differ)."""
    fields = REGISTRY[listing.source](SourceSettings()).card_fields
    given = {"id": listing.id, **listing.params}
    return Card(place.id, listing.source, given[fields[-1]], place.timezone, listing.params)
