"""Searchable PDF files: pages as sent, under an invisible layer of their text for search and copying."""

from edgeocr.client.formats.pdf.pdf_writer import PdfWriter

__all__ = ["PdfWriter"]
