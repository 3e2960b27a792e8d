"""A page between detection and recognition of its lines."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edgeocr.model.contrast import AS_IT_IS, Tone
from edgeocr.model.geometry.margins import within
from edgeocr.model.geometry.polygons import crop, runs_down, scaled, upright_column, upside_down
from edgeocr.model.geometry.pose import LEVEL, Pose
from edgeocr.model.layout.page_layout import TableOutline
from edgeocr.model.layout.reading_order import Position
from edgeocr.model.layout.structure.blocks import blocks
from edgeocr.model.layout.structure.text_rows import Area
from edgeocr.model.layout.tick_boxes import TickBox
from edgeocr.model.options import DEFAULT_READING, EVERYTHING, Mode, Preparation, Reading
from edgeocr.model.pixels import Picture, Pixels
from edgeocr.model.recognition.direction import ReadingDirection
from edgeocr.model.recognition.reading import Glance
from edgeocr.model.recognition.rules.ballot_boxes import with_box
from edgeocr.model.results import Cell, Direction, Line, LineRead, Page, Polygon, ReadText, Table
from edgeocr.results.document import Enhancement


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of a page, by index in reading order, that the recogniser reads in one run of the bucket's width."""

    lines: tuple[int, ...]
    bucket: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class DetectedPage:
    """A page with detected lines, most of which have not been read.

    Attributes:
        picture: its pixels.
        mode: page or line.
        polygons: polygons of its lines, in these pixels, in reading order.
        crops: padded polygons for cropping.
        preparation: allowed corrections.
        reading: with which recognisers its lines are read.
        pose: pose of its text.
        index: its index in the document.
        known: texts that have been read already, by line index.
        glances: what the fast recogniser made of other lines, likewise.
        boxes: tick boxes of lines, by line index.
        tone: tone curve for the networks' input.
        seals_removed: whether seals were removed from its pixels.
        is_vertical: whether its lines run downwards.
        positions: row and paragraph of each line.
        tables: tables with the indices of their lines.
    """

    picture: Picture
    mode: Mode
    polygons: Sequence[Polygon]
    crops: Sequence[Polygon]
    index: int = 0
    preparation: Preparation = EVERYTHING
    reading: Reading = DEFAULT_READING
    pose: Pose = LEVEL
    known: Mapping[int, ReadText] = field(default_factory=dict)
    glances: Mapping[int, Glance] = field(default_factory=dict)
    boxes: Mapping[int, TickBox] = field(default_factory=dict)
    tone: Tone = AS_IT_IS
    seals_removed: bool = False
    is_vertical: bool = False
    positions: Sequence[Position] = (Position(),)
    tables: Sequence[TableOutline] = ()

    def crop(self, line: int) -> Pixels:
        """The upright crop of a line with margins, and with the page's tone curve."""
        pixels = self.picture.pixels
        height, width = pixels.shape[:2]
        if self.crops[line] == ((0, 0), (width, 0), (width, height), (0, height)):
            return self.tone.apply(pixels)
        return self.tone.apply(crop(pixels, self.crops[line]))

    def runs_down(self, line: int) -> bool:
        """Whether a line runs downwards in the page's frame."""
        return self.mode is Mode.PAGE and runs_down(self.pose.levelled(self.polygons[line]))

    def as_sent(self, polygon: Polygon) -> Polygon:
        """A polygon in pixels of the image as sent."""
        picture = self.picture
        height, width = picture.pixels.shape[:2]
        if (picture.width, picture.height) == (width, height):
            return polygon
        return scaled(polygon, picture.width / width, picture.height / height, picture.width, picture.height)

    def line(self, place: int, read: ReadText, way: ReadingDirection, confidence: float) -> Line:
        """A recognized line: polygon in reading direction, characters and confidence."""
        polygon, cut = self.polygons[place], self.crops[place]
        position, direction = self.positions[place], Direction.HORIZONTAL
        if way is ReadingDirection.UPSIDE_DOWN:
            polygon, cut = upside_down(polygon), upside_down(cut)
        read = within(read, polygon, cut)
        if place in self.boxes and way is ReadingDirection.UPRIGHT:
            box = self.boxes[place]
            read = with_box(read, box.left, box.right, is_ticked=box.is_ticked)
        if way is ReadingDirection.VERTICAL:
            polygon, direction = upright_column(polygon), Direction.VERTICAL
        return Line(
            polygon=self.as_sent(polygon),
            text=read.text,
            confidence=confidence,
            characters=read.characters,
            row=position.row,
            paragraph=position.paragraph,
            direction=direction,
            min_confidence=read.min_confidence,
            reader=read.reader,
        )

    def page(self, lines: Iterable[LineRead], *, partial: bool = False) -> Page:
        """The page with the recognized lines; partial if lines are missing."""
        picture = self.picture
        ordered = sorted(lines, key=lambda read: read.line_index)
        found = tuple(read.line for read in ordered)
        tables = tuple(self._table(table, ordered) for table in self.tables)
        height, width = picture.pixels.shape[:2]
        areas = [self._area(self.polygons[read.line_index]) for read in ordered]
        page = self._area(((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))))
        return Page(
            index=self.index,
            width=picture.width,
            height=picture.height,
            lines=found,
            reduction=picture.reduction,
            partial=partial,
            rotation_degrees=self.pose.degrees,
            enhancements=self.tone.enhancements + (Enhancement.SEALS,) * self.seals_removed,
            tables=tables,
            blocks=blocks(found, areas, tables, page),
        )

    def _area(self, polygon: Polygon) -> Area:
        """A polygon's bounding box in the page's frame."""
        xs, ys = zip(*self.pose.levelled(polygon), strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def _table(self, table: TableOutline, ordered: Sequence[LineRead]) -> Table:
        """A table with the recognized lines."""
        places = {read.line_index: place for place, read in enumerate(ordered)}
        cells = []
        for cell, polygon in zip(table.cells, table.polygons, strict=True):
            lines = tuple(places[line] for line in cell.lines if line in places)
            read = [ordered[place].line for place in lines]
            cells.append(
                Cell(
                    row=cell.row,
                    column=cell.column,
                    row_span=cell.row_span,
                    column_span=cell.column_span,
                    polygon=self.as_sent(polygon),
                    lines=lines,
                    text="\n".join(line.text for line in read),
                    confidence=math.prod(line.confidence for line in read),
                )
            )
        return Table(
            polygon=self.as_sent(table.polygon),
            rows=table.rows,
            columns=table.columns,
            cells=tuple(cells),
            kind=table.kind,
            confidence=table.confidence,
        )
