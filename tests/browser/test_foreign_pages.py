"""Pages of other people's, in a browser that reaches the server."""

from tests.browser.conftest import FOREIGN


def test_a_name_of_somebody_elses_does_not_lead_to_the_server(open_page, server):
    page = open_page()
    answer = page.goto(f"http://{FOREIGN}:{server.http.rpartition(':')[2]}/")
    assert answer.status == 421
    assert f"--http-hosts {FOREIGN}" in page.inner_text("body")
    assert page.locator("h1").inner_text() == f"This server does not answer to the name {FOREIGN}"
    assert page.locator("[lang=zh-CN]").count() == 1


def test_a_form_of_another_site_is_not_taken(open_page, server):
    page = open_page()
    form = f"""<form method="post" enctype="multipart/form-data" action="{server.http}/api/ocr">
        <input name="mode" value="line"><button>send</button></form>"""
    page.route("http://elsewhere.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("http://elsewhere.example/")
    with page.expect_navigation() as begun:
        page.click("button")
    assert begun.value.status == 403
    assert "PERMISSION_DENIED" in page.inner_text("body")
