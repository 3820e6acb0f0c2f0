"""Public judged data sets by name: their addresses, and how they are downloaded."""

from __future__ import annotations

from bayessel.tasks.sources.catalogue import SOURCES, Source, find_source
from bayessel.tasks.sources.download import cache_folder, get

__all__ = ["SOURCES", "Source", "cache_folder", "find_source", "get"]
