"""When a browser shows a dense page's first line, and when the page is finished: from the choice of the file on."""

import shutil
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser.acts import DENSE_TEXTS, choose, dense, file
from tests.support.serving import ServerProcess

ROUNDS = 10
WATCH = """() => {
    window.seen = {};
    const note = name => { window.seen[name] ??= performance.now(); };
    document.getElementById("files").addEventListener("change", () => note("chosen"), true);
    new MutationObserver(() => {
        if (document.querySelector("#lines li")) note("first");
        if (document.querySelector("#list li[data-state=done]")) note("finished");
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    found = []
    with ServerProcess("--http", "127.0.0.1:0") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for _ in range(ROUNDS + 1):
            page.goto(f"{server.http}/")
            page.evaluate(WATCH)
            choose(page, file(dense()))
            page.locator("#list li[data-state=done]").wait_for()
            seen = page.evaluate("window.seen")
            found.append([(seen[name] - seen["chosen"]) / 1000 for name in ("first", "finished")])
        browser.close()
    # The first time everything is loaded.
    first, finished = (median(values) for values in zip(*found[1:], strict=True))
    print(
        f"{len(DENSE_TEXTS)} lines: the first is on the screen after {first:.2f} s, the page is finished after "
        f"{finished:.2f} s; median of {ROUNDS}; first before finished in {sum(a < b for a, b in found)} of {len(found)}"
    )


if __name__ == "__main__":
    main()
