"""The error page for people who use a host name that the server does not answer to; it names the setting."""

from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>edgeocr</title>
</head>
<body>
<h1>This server does not answer to the name {name}</h1>
<p>Open this page by the server's IP address, or ask its administrator to allow the name. The setting is
<code>--http-hosts {name}</code>, or <code>http_hosts</code> in the settings file; several names are separated by
commas.</p>
<p>A name has to be allowed because any website could have one of its own point to this server.</p>
<div lang="zh-CN">
<h2>此服务器不接受名称 {name}</h2>
<p>请用服务器的 IP 地址打开本页，或请管理员允许此名称：<code>--http-hosts {name}</code>，或设置文件中的
<code>http_hosts</code>；多个名称以逗号分隔。</p>
</div>
</body>
</html>
"""


def wants_page(headers: Headers) -> bool:
    """Whether a browser requests an HTML page."""
    return "text/html" in headers.get("accept", "")


def misdirected_page(name: str, status: int) -> HTMLResponse:
    """The page for the requested host name."""
    return HTMLResponse(_PAGE.format(name=escape(name)), status)
