"""For the site: links to files outside of `docs/` become these files' paths, since the site has not got them."""

import re
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)+)([^)#]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page's Markdown as the site shows it."""
    depth = page.file.src_uri.count("/")

    def shown(link: re.Match[str]) -> str:
        outside = link[2].count("../") > depth
        return f"{link[1]} (`{link[3]}`)" if outside else link[0]

    return _LINK.sub(shown, markdown)
