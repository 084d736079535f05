"""What a test reads out of a PDF: its text without spaces, its fonts, its pages."""

import re

import pypdfium2


def text_of(pdf: bytes) -> str:
    """All text of all pages, white space taken out: line breaks are the layout's affair."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join(re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]


def fonts_of(pdf: bytes) -> set[str]:
    """The names of the embedded fonts, without their subset prefix."""
    return {name.decode().split("+")[-1] for name in re.findall(rb"/FontName\s*/([\w+-]+)", pdf)}


def fields_of(pdf: bytes) -> dict[str, str]:
    """The document's own description."""
    return pypdfium2.PdfDocument(pdf).get_metadata_dict()


def ink_of(pdf: bytes, page: int = 0) -> bytes:
    """The pixels of a page, grey, at 36 dpi."""
    return bytes(pypdfium2.PdfDocument(pdf)[page].render(scale=0.5, grayscale=True).buffer)
