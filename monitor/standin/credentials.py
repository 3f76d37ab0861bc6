"""The secrets the stand-in sites accept: shaped like real ones, obviously not."""

from collections.abc import Mapping
from types import MappingProxyType

STAND_IN_ENV: Mapping[str, str] = MappingProxyType(
    {
        "TWOGIS_KEY": "00000000-57a2-4d10-8000-000000000000",
        "GOOGLE_CLIENT_ID": "000000000000-stand-in.apps.example.com",
        "GOOGLE_CLIENT_SECRET": "stand-in-client-secret",
        "GOOGLE_REFRESH_TOKEN": "1//stand-in-refresh-token",
    }
)
"""Environment variable → value, under the names that config.yaml uses."""
