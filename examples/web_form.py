"""A page with a form that sends a picture to the server and shows its text: `python web_form.py 8000`.

The standard library's web server is for trying out, not for strangers: `edgeocr serve --http` has a page that is.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import edgeocr

FORM = """<!doctype html><title>Text of a picture</title>
<form onsubmit="return send(this)"><input type="file" name="image" required><button>Read</button></form>
<pre id="text"></pre>
<script>
function send(form) {
  fetch("/", { method: "POST", body: form.image.files[0] })
    .then((answer) => answer.text())
    .then((text) => { document.getElementById("text").textContent = text; });
  return false;
}
</script>"""
MOST_BYTES = 8 << 20


class Page(BaseHTTPRequestHandler):
    """Answers GET with the form, and POST of a picture with its text."""

    client: edgeocr.Client

    def do_GET(self) -> None:
        """Sends the form."""
        self._answer(200, FORM, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Reads the picture that is the body."""
        length = int(self.headers.get("Content-Length", 0))
        if not 0 < length <= MOST_BYTES:
            self._answer(413, f"a picture has at most {MOST_BYTES} bytes")
            return
        try:
            self._answer(200, self.client.read(self.rfile.read(length)).text)
        except edgeocr.ReadingError as error:
            self._answer(400, str(error))

    def _answer(self, status: int, text: str, media_type: str = "text/plain; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with edgeocr.Client(os.environ.get("EDGEOCR_TARGET", "127.0.0.1:50051")) as Page.client:
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Page).serve_forever()
