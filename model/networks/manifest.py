"""The manifest of weights: the networks, their inputs, and checksums.

A folder of weights has `manifest.json` and the files that it names. Networks that read pixels take uint8 (N×H×W×3,
blue-green-red) and normalise them themselves, so that exchanging one changes only the manifest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edgeocr.model.errors import BadModel
from edgeocr.model.networks.x86_weights import run_memory

FILE_NAME = "manifest.json"
FORMAT = 1
UNSTATED_RUN_BYTES_PER_PIXEL = 256.0
"""Default memory of a network without a statement in its manifest: that of an FP32 recogniser with a large charset."""
LEAST_RUN_BYTES_PER_PIXEL, MOST_RUN_BYTES_PER_PIXEL = 3.0, 10_000.0
"""Any network needs its pixels at least; with more than the maximum no image would fit."""
DEFAULT_FOLDER = Path(__file__).parents[1] / "weights"


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """One ONNX file.

    Attributes:
        name: name for display.
        path: location.
        sha256: checksum; empty without a manifest.
        file_bytes: size.
        licence: its SPDX identifier.

    Its content is checked whenever it is read, so that it cannot be exchanged in between.
    """

    name: str
    path: Path
    sha256: str
    file_bytes: int
    licence: str

    def read(self) -> bytes:
        """Reads its content.

        Raises:
            BadModel: it is missing, unreadable, or does not match its checksum.
        """
        return _checked(self.path, self.sha256) if self.sha256 else self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line whose result is known, to check whether this machine computes the same.

    Attributes:
        image: an image file's bytes; it has the recogniser's height.
        features: steps×features bytes, the network's output.
        text: its text.
    """

    image: bytes
    features: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """How likely a line is right follows from the product of its characters' probabilities: the logit of the one is
    `slope` times the logit of the other, `length` times the logarithm of how many they are, and `shift`.
    """

    slope: float = 1.0
    shift: float = 0.0
    length: float = 0.0


@dataclass(frozen=True, slots=True)
class RecogniserSpec:
    """A line recogniser in two parts: N×height×W×3 pixels in, N×(W ÷ time_step_pixels)×features out, uint8; then any
    number of time steps' features in, as many rows of 1 + charset logits out, blank first.

    Attributes:
        file: from pixels to features.
        head: from features to logits.
        features: number of features per time step.
        run_bytes_per_pixel: memory of reading per input pixel (width × height × images), including the input, as
            measured by `tests.benchmarks.memory.per_pixel`; larger than in the manifest on CPUs that need more.
        height: the height in pixels that lines are scaled to.
        time_step_pixels: width of one CTC time step in input pixels.
        min_width: width in pixels to which narrower lines are padded.
        pad: pixel value (0–255) of padding.
        charset: the characters of classes 1, 2, …; class 0 is the CTC blank.
        known_line: read when the networks are loaded; None if there is none.
        calibration: of a line's confidence; by default the product of the characters' probabilities is used.
        provinces: added to the scores of provinces if a line is a licence plate; by default none.
        keep_above: confidence of a line, 0–1, from which no better recogniser reads it again.
    """

    file: NetworkFile
    head: NetworkFile
    features: int
    run_bytes_per_pixel: float
    height: int
    time_step_pixels: int
    min_width: int
    pad: int
    charset: tuple[str, ...]
    known_line: KnownLine | None = None
    calibration: Calibration = Calibration()
    provinces: Mapping[str, float] = field(default_factory=dict)
    keep_above: float = 1.0


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """A text detector: 1×H×W×3 pixels in, H×W text probabilities out, uint8, 0–255 for 0–1.

    Attributes:
        run_bytes_per_pixel: memory of a run per input pixel, as for a recogniser.
        longest_side: maximum longer side of the input in pixels; larger images are reduced.
        side_multiple: both sides of the input are multiples of it.
        pixel_threshold: minimum probability of a text pixel.
        box_threshold: minimum mean probability of a line's region.
        unclip_ratio: by which the network's shrunken regions are enlarged (area × ratio ÷ perimeter).
    """

    file: NetworkFile
    run_bytes_per_pixel: float
    longest_side: int
    side_multiple: int
    pixel_threshold: float
    box_threshold: float
    unclip_ratio: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """The checked weights of one folder; a fast recogniser may be among them."""

    recogniser: RecogniserSpec
    detector: DetectorSpec
    fast_recogniser: RecogniserSpec | None = None

    @property
    def recognisers(self) -> tuple[RecogniserSpec, ...]:
        """The accurate one, and the fast one if there is one."""
        return (self.recogniser,) if self.fast_recogniser is None else (self.recogniser, self.fast_recogniser)

    @property
    def main_files(self) -> tuple[NetworkFile, ...]:
        """The files that name the networks."""
        return *(spec.file for spec in self.recognisers), self.detector.file

    @property
    def files(self) -> tuple[NetworkFile, ...]:
        """The files of all networks, the detector's first."""
        return self.detector.file, *(file for spec in self.recognisers for file in (spec.file, spec.head))


def load_manifest(folder: Path) -> Manifest:
    """Reads a folder's manifest and checks every file that it names.

    Raises:
        BadModel: the manifest or a file is missing, unreadable, or does not match its checksum.
    """
    path = folder / FILE_NAME
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadModel(f"{path}: no such file; --models names the folder of the weights") from None
    except (OSError, ValueError) as error:
        raise BadModel(f"{path}: cannot be read: {error}") from None
    try:
        if values["format"] != FORMAT:
            raise BadModel(f"{path}: has format {values['format']!r}, this version reads format {FORMAT}")
        if values["sha256"] != checksum(values):
            raise BadModel(f"{path}: was altered: its values do not match its sha-256")
        return Manifest(
            _recogniser(folder, values["recogniser"]),
            _detector(folder, values["detector"]),
            _fast_recogniser(folder, values["fast_recogniser"]) if "fast_recogniser" in values else None,
        )
    except KeyError as error:
        raise BadModel(f"{path}: lacks {error}") from None
    except (TypeError, ValueError) as error:
        raise BadModel(f"{path}: has a value of the wrong type: {error}") from None


def checksum(values: Mapping[str, Any]) -> str:
    """A manifest's own sha-256: of all its other values as JSON without spaces, names sorted."""
    others = {name: value for name, value in values.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(others, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _fast_recogniser(folder: Path, values: Mapping[str, Any]) -> RecogniserSpec:
    keep_above = float(values["keep_above"])
    if not 0 <= keep_above <= 1:
        raise ValueError(f"keep_above is {keep_above:g}, not from 0 to 1")
    return replace(_recogniser(folder, values), keep_above=keep_above)


def _recogniser(folder: Path, values: Mapping[str, Any]) -> RecogniserSpec:
    charset_path = folder / values["charset"]["file"]
    charset = tuple(_checked(charset_path, values["charset"]["sha256"]).decode("utf-8").removesuffix("\n").split("\n"))
    file, model = _network_file(folder, values)
    head, _ = _network_file(folder, {**values, **values["head"]})
    return RecogniserSpec(
        file=file,
        head=head,
        features=_within(values, "features", 1, 65536),
        run_bytes_per_pixel=_run_bytes_per_pixel(values, model),
        height=_within(values, "height", 8, 256),
        time_step_pixels=_within(values, "time_step_pixels", 1, 32),
        min_width=_within(values, "min_width", 1, 1024),
        pad=_within(values, "pad", 0, 255),
        charset=charset,
        known_line=_known_line(folder, values["known_line"]) if "known_line" in values else None,
        calibration=Calibration(**{name: float(value) for name, value in values.get("calibration", {}).items()}),
        provinces={province: float(lead) for province, lead in values.get("provinces", {}).items()},
    )


def _known_line(folder: Path, values: Mapping[str, Any]) -> KnownLine:
    image, features = (
        _checked(folder / values[part]["file"], values[part]["sha256"]) for part in ("image", "features")
    )
    return KnownLine(image, features, str(values["text"]))


def _detector(folder: Path, values: Mapping[str, Any]) -> DetectorSpec:
    file, model = _network_file(folder, values)
    return DetectorSpec(
        file=file,
        run_bytes_per_pixel=_run_bytes_per_pixel(values, model),
        longest_side=_within(values, "longest_side", 32, 8192),
        side_multiple=_within(values, "side_multiple", 1, 256),
        pixel_threshold=float(values["pixel_threshold"]),
        box_threshold=float(values["box_threshold"]),
        unclip_ratio=float(values["unclip_ratio"]),
    )


def _within(values: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = int(values[name])
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}, not from {least} to {most}")
    return value


def _network_file(folder: Path, values: Mapping[str, Any]) -> tuple[NetworkFile, bytes]:
    """A network's file, and its content."""
    path = folder / values["file"]
    model = _checked(path, values["sha256"])
    return NetworkFile(values["name"], path, values["sha256"], len(model), values["licence"]), model


def _run_bytes_per_pixel(values: Mapping[str, Any], model: bytes) -> float:
    cost = float(values.get("run_bytes_per_pixel", UNSTATED_RUN_BYTES_PER_PIXEL))
    if not LEAST_RUN_BYTES_PER_PIXEL <= cost <= MOST_RUN_BYTES_PER_PIXEL:
        raise ValueError(
            f"run_bytes_per_pixel is {cost}, not from {LEAST_RUN_BYTES_PER_PIXEL:g} to {MOST_RUN_BYTES_PER_PIXEL:g}"
        )
    return cost * run_memory(model)


def _checked(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise BadModel(f"{path}: no such file, though the manifest names it") from None
    except OSError as error:
        raise BadModel(f"{path}: cannot be read: {error.strerror}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BadModel(f"{path}: was altered: its sha-256 is {found}, the manifest says {sha256}")
    return data
