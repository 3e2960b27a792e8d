"""Options of `edgeocr read` for documents and for PDF output, from its arguments."""

import argparse

from edgeocr.choices import DocumentChoice, TextLayer
from edgeocr.client.cli.secrets import read_secret
from edgeocr.client.formats import PdfSettings
from edgeocr.commands import UsageError


def pdf_settings(arguments: argparse.Namespace, password: str) -> PdfSettings:
    """The options of PDF output.

    Raises:
        UsageError: options of PDF output are given for another format.
    """
    names = ("existing_text", "pdf_a", "deskew", "language")
    if arguments.format != "pdf" and (given := [name for name in names if getattr(arguments, name)]):
        raise UsageError(f"--{given[0].replace('_', '-')}: is for --format pdf")
    return PdfSettings(
        existing_text=arguments.existing_text or "skip",
        pdf_a=arguments.pdf_a,
        deskew=arguments.deskew,
        language=arguments.language or "",
        password=password,
    )


def document_choice(arguments: argparse.Namespace) -> DocumentChoice:
    """The options for documents.

    Raises:
        UsageError: they are invalid, or the password file cannot be read.
    """
    file = arguments.password_file
    try:
        # Not from the command line, which every user of the machine can read.
        password = "" if file is None else read_secret("--password-file", file).partition("\n")[0].removesuffix("\r")
        # Pages that keep their text need no recognition.
        keeps_text = arguments.format == "pdf" and arguments.existing_text != "redo"
        text_layer: TextLayer = arguments.text_layer or ("use" if keeps_text else "ignore")
        return DocumentChoice(arguments.pages, arguments.dpi or 0.0, password, text_layer)
    except OSError as error:
        raise UsageError(f"--password-file: {error.strerror}: {file}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
