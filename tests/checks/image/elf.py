"""How shared objects and programs are laid out for a kernel's page size."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

KERNEL_PAGE_BYTES = 64 * 1024
"""The largest that aarch64 has, and what openEuler and Kylin are built with."""
_MAGIC = b"\x7fELF"


@dataclass(frozen=True)
class Layout:
    """What an ELF file's header says of the segments that are mapped.

    Attributes:
        path: of the file.
        machine: as the ELF header names it, such as EM_AARCH64.
        alignment_bytes: the least of its segments', 0 if it has none.
        page_bytes: the largest page with which all its segments can be mapped as the file lies.
    """

    path: Path
    machine: str
    alignment_bytes: int
    page_bytes: int

    @property
    def fits(self) -> bool:
        """Whether a kernel with the largest pages can map it."""
        return min(self.alignment_bytes, self.page_bytes) >= KERNEL_PAGE_BYTES


def layouts(root: Path) -> Iterator[Layout]:
    """Those of all ELF files under a folder that are mapped, links not followed."""
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                continue
            elf = ELFFile(file)
            segments = [segment.header for segment in elf.iter_segments("PT_LOAD")]
            if segments:
                alignment = min(segment.p_align for segment in segments)
                yield Layout(path.relative_to(root), elf.header.e_machine, alignment, _page_bytes(segments))


def _page_bytes(segments: Iterable[object]) -> int:
    """The highest power of two by which each segment's place in memory and in the file leave the same remainder."""
    differences = 0
    for segment in segments:
        differences |= segment.p_vaddr - segment.p_offset  # type: ignore[attr-defined]
    return differences & -differences if differences else 1 << 62


def table(found: Iterable[Layout]) -> str:
    """Rows of Markdown: where files are, how aligned, how many, and whether they fit."""
    counts = Counter((_place(layout.path), layout.machine, layout.alignment_bytes, layout.fits) for layout in found)
    rows = ["| where | machine | segments aligned to | files | 64 KiB pages |", "| --- | --- | ---: | ---: | --- |"]
    for (place, machine, alignment, fits), count in sorted(counts.items()):
        rows.append(f"| {place} | {machine} | {alignment // 1024} KiB | {count} | {'fit' if fits else 'DO NOT FIT'} |")
    return "\n".join(rows)


def _place(path: Path) -> str:
    """The package under site-packages, or the first two folders."""
    parts = path.parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return "/" + "/".join(parts[:2] if len(parts) > 2 else parts[:1])
