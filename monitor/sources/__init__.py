"""The sites we watch: each one pure file that builds requests and reads pages, none of which touches the network.

To add a site, write its file and one line here. Importing this costs little: what reads HTML waits for a page.
"""

from collections.abc import Callable, Mapping

from monitor.model import SourceSettings
from monitor.seams import Source
from monitor.sources.feed import Feed
from monitor.sources.google_business import GoogleBusiness
from monitor.sources.irecommend import IRecommend
from monitor.sources.otzovik import Otzovik
from monitor.sources.schema_org import SchemaOrg
from monitor.sources.twogis import TwoGis
from monitor.sources.yandex_maps import YandexMaps

REGISTRY: Mapping[str, Callable[[SourceSettings], Source]] = {
    source.name: source for source in (YandexMaps, TwoGis, GoogleBusiness, Otzovik, IRecommend, SchemaOrg, Feed)
}

__all__ = ["REGISTRY"]
