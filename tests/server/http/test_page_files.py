"""The files that the page is made of."""

from importlib.resources import files


def test_the_font_of_searchable_files_is_the_one_that_the_client_has():
    own = files("edgeocr.server.http").joinpath("page/invisible.ttf").read_bytes()
    assert own == files("edgeocr.client.formats.pdf").joinpath("invisible.ttf").read_bytes()
