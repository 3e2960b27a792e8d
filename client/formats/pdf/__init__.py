"""Searchable PDF files: pages as they were sent, and over them their text, to be found and copied, but not seen."""

from edgeocr.client.formats.pdf.pdf_writer import PdfWriter

__all__ = ["PdfWriter"]
