"""The guide's page of settings is what the declarations say."""

from pathlib import Path

from tests.support.settings_page import page


def test_the_page_of_settings_is_up_to_date():
    assert Path("docs/settings.md").read_text("utf-8") == page(), "run `make settings`"
