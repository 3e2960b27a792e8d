"""The files that the page is made of."""

from importlib.resources import files


def test_the_font_of_searchable_files_is_the_one_that_the_client_has():
    own = files("edgeocr.server.http").joinpath("page/export/invisible.ttf").read_bytes()
    assert own == files("edgeocr.client.formats.pdf").joinpath("invisible.ttf").read_bytes()


async def test_a_language_is_a_file(client):
    page = files("edgeocr.server.http").joinpath("page/languages")
    codes = (await client.get("/page/languages")).json()
    assert codes == sorted(path.name.removesuffix(".js") for path in page.iterdir())
    assert {"en", "zh"} <= set(codes)
    for code in codes:
        assert (await client.get(f"/page/languages/{code}.js")).status_code == 200
