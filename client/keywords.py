"""Typed keyword arguments of the methods that read; `AsyncClient` documents them."""

from collections.abc import Iterable
from typing import Generic, TypedDict

from edgeocr.choices import DocumentChoice, Mode, Order, Preparation, Reading
from edgeocr.client.streaming.results import KeyT, LineTaker, PageTaker
from edgeocr.sources import ChannelOrder


class LineKeywords(TypedDict, total=False):
    """Keyword arguments of `read_lines`."""

    mode: Mode
    characters: bool
    document: DocumentChoice | None
    omit: Iterable[Preparation]
    alternatives: bool
    aligned_tables: bool
    reading: Reading | None
    channel_order: ChannelOrder
    timeout_seconds: float | None


class ReadKeywords(LineKeywords, total=False):
    """Keyword arguments of `read`."""

    partial: bool
    hedge_seconds: float | None


class ManyKeywords(LineKeywords, Generic[KeyT], total=False):
    """Keyword arguments of `read_many`."""

    partial: bool
    order: Order
    in_flight: int | None
    on_page: PageTaker[KeyT] | None
    on_line: LineTaker[KeyT] | None
