"""The report's page in a real browser (headless Chromium): no error and no request, charts drawn, filters work.

The program makes the page from the committed runs; a script that carries the page's nonce is added to it, uses
the page as a reader would, and leaves what it saw in the document, which Chromium prints. Standard library
only. Usage: page_test.py BERTVISION SOURCE_FOLDER
"""

import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
RUNS = SOURCE / "tests/fixtures/report/runs"
FOLDERS = ["finetune", "heads-0.3", "heads-1"]
CHARTS = ["fine-tuning-exact", "fine-tuning-f1", "parameters", "answerable", "layer-weights", "loss-fine-tuning", "loss-heads-1", "loss-heads-2"]  # fmt: skip
BROWSERS = ["chromium-headless-shell", "chromium", "google-chrome"]
NO_BROWSER = 77  # ctest shows the test as skipped

WATCH = """
window.seen = {errors: [], title: document.title};
const note = (what) => window.seen.errors.push(String(what));
addEventListener("error", (event) => note(event.message || event.target.outerHTML), true);
addEventListener("unhandledrejection", (event) => note(event.reason));
addEventListener("securitypolicyviolation", (event) => note(`policy: ${event.violatedDirective} ${event.blockedURI}`));
for (const kind of ["error", "warn"]) console[kind] = (...parts) => note(parts.join(" "));
"""

BEGIN = """
const seen = window.seen;
const by = (id) => document.getElementById(id);
const cards = () => [...document.querySelectorAll("#cards h3")].map((head) => head.textContent);
const rows = () => [...document.querySelectorAll("#results-table tbody th")].map((head) => head.firstChild.textContent);
// An option by what it shows, else by its value.
const choose = (id, text) => {
  const control = by(id);
  const option = (of) => [...control.options].find((one) => one[of] === text);
  control.value = id === "search" ? text : (option("text") ?? option("value")).value;
  control.dispatchEvent(new Event(id === "search" ? "input" : "change"));
};
seen.system = by("system").selectedOptions[0].text;
seen.all = cards();
"""

END = """
seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name);
seen.images = document.querySelectorAll("img, svg[onload], iframe, object, link").length;
seen.title_after = document.title;
const result = document.createElement("pre");
result.id = "seen";
result.textContent = JSON.stringify(seen);
document.body.append(result);
"""

USE = """
const inked = (canvas) => {
  const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
  const pen = copy.getContext("2d", {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 0;
  return count;
};
seen.charts = Object.fromEntries([...document.querySelectorAll("figure.chart")].map((figure) => [
  figure.id, {ink: inked(figure.querySelector(".drawing canvas")), keys: figure.querySelectorAll(".key button").length,
              rows: figure.querySelectorAll("table.numbers tbody tr").length}]));
const key = document.querySelector("#fine-tuning-f1 .key button");
const before = inked(document.querySelector("#fine-tuning-f1 canvas[role]"));
key.click();
seen.hidden = [key.getAttribute("aria-pressed"), inked(document.querySelector("#fine-tuning-f1 canvas[role]")) < before];
window.dispatchEvent(new Event("beforeprint"));
seen.printed = [document.documentElement.dataset.print, document.querySelector("#fine-tuning-f1 .key button").getAttribute("aria-pressed")];
window.dispatchEvent(new Event("afterprint"));
document.querySelectorAll("#results-table thead button")[2].click();
seen.by_f1 = rows();
choose("system", "finetune/epoch-0.3");
choose("outcome", "right");
seen.right = cards();
choose("outcome", "missed");
seen.missed = cards();
choose("outcome", "invented");
seen.invented = cards();
choose("outcome", "all");
choose("kind", "no");
seen.unanswerable = cards();
choose("kind", "all");
choose("other", "heads-1/learned-pooling");
choose("difference", "lost");
seen.lost = cards();
choose("other", "");
choose("search", "LIGHTHOUSE built");
seen.found = cards();
choose("search", "nothing has these words");
seen.none = [by("count").textContent, cards().length];
choose("search", "");
choose("system", "finetune/epoch-1");
const marks = (kind) => [...document.querySelectorAll(`#cards li:nth-child(${kind}) mark`)].map((mark) => [mark.className, mark.textContent]);
seen.marks = [marks(1), marks(3)];
"""

TEXT_CHARTS = ["parameters", "loss-heads-1", "classes"]

USE_TEXTS = """
seen.charts = [...document.querySelectorAll("figure.chart")].map((figure) => figure.id);
seen.drawn = document.querySelectorAll("figure.chart .drawing canvas").length;
seen.rows = rows();
seen.confusion = [...document.querySelectorAll("table.confusion caption")].map((caption) => caption.textContent);
choose("system", "tiny-tenney");
choose("outcome", "wrong");
seen.wrong = cards();
choose("predicted", "date");
seen.as_date = cards();
choose("predicted", "any");
choose("outcome", "right or wrong");
choose("gold", "thing");
seen.things = cards();
choose("gold", "any");
choose("order", "the least sure first");
seen.unsure = cards();
choose("order", "of the data");
choose("other", "adapter-mean");
choose("difference", "only the first is right");
seen.only = cards();
choose("other", "no other system");
choose("search", "ELECTRICITY year");
seen.found = cards();
seen.orders = [...by("order").options].map((option) => option.value);
"""


class Seen(html.parser.HTMLParser):
    """The text of <pre id="seen">."""

    def __init__(self):
        super().__init__()
        self.inside, self.text = False, ""

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or (tag == "pre" and ("id", "seen") in attrs)

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "pre"

    def handle_data(self, data):
        self.text += data if self.inside else ""


def make_page(folder, folders):
    runs = ",".join(str(RUNS / name) for name in folders)
    subprocess.run([PROGRAM, "report", "--runs", runs, "--out", folder / "out", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    written = {path.name for path in (folder / "out").iterdir()}
    assert written == {"report.html", "report.md", "report.csv", "report.tex", "report.json"}, written
    return (folder / "out/report.html").read_text(encoding="utf-8")


def check_text(page):
    """What holds without a browser."""
    assert 200_000 < len(page) < 600_000, len(page)
    assert not re.search(r"<(link|img|iframe|object|embed|base)\b", page), "something is loaded"
    assert not re.search(r"""\b(src|srcset|action)\s*=\s*["'h]""", page.split("<script", 1)[0]), "something is loaded"
    assert "<b>stands" not in page and "<i>&" not in page and "document.title='broken'</script>" not in page


def with_scripts(page, use):
    nonce = re.search(r"'nonce-([0-9a-f]+)'", page).group(1)
    tag = f'<script nonce="{nonce}">'
    page = page.replace("<title>", f"{tag}{WATCH}</script><title>", 1)
    end = page.rindex("</body>")
    return f'{page[:end]}{tag}addEventListener("load", () => {{{BEGIN}{use}{END}}});</script>{page[end:]}'


def browse(browser, page, folder, use):
    path = folder / "page.html"
    path.write_text(with_scripts(page, use), encoding="utf-8")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}", "--window-size=1280,900",
        "--virtual-time-budget=20000", "--enable-logging=stderr", "--dump-dom", path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not said, said
    parser = Seen()
    parser.feed(done.stdout)
    assert parser.text, f"{browser} ended with {done.returncode} and printed no result: {done.stderr[-2000:]}"
    return json.loads(parser.text)


def check_harmless(seen):
    assert seen["errors"] == [], seen["errors"]
    assert seen["requests"] == [] and seen["images"] == 0, (seen["requests"], seen["images"])
    assert seen["title_after"] == "bertvision report", "hostile text was run"


def check_charts(seen):
    assert list(seen["charts"]) == CHARTS, seen["charts"]
    for name, chart in seen["charts"].items():
        assert chart["ink"] > 2000 and chart["keys"] > 0 and chart["rows"] >= 2, (name, chart)
    assert seen["hidden"] == ["false", True], "the key does not hide a series"
    assert seen["printed"] == ["", "false"], "paper is not light, or forgets what is hidden"
    assert seen["by_f1"][0] == "heads-1/adapter-64-shared-skip" and seen["by_f1"][-1] == "finetune/epoch-0.3"


def check_filters(seen):
    assert len(seen["all"]) == 12 and seen["system"] in ("finetune/epoch-1", "heads-1/adapter-64-shared-skip")
    assert seen["right"] == ["Who sold the keeper's house?", "Is there an &amp; in it?", "Who built the mills?", "How deep is it?"]
    assert len(seen["missed"]) == 5 and "Who built the lighthouse?" in seen["missed"]
    assert seen["invented"] == []
    assert seen["unanswerable"] == seen["right"]
    assert len(seen["lost"]) == 5 and "When was it built?" in seen["lost"]
    assert seen["found"] == ["Who built the lighthouse?", "When was it built?", "What did it burn?", "Who sold the keeper's house?"]
    assert seen["none"] == ["0 of 12 questions.", 0]
    # After a character of two UTF-16 units; and a prediction that begins in a gold answer and goes on after it.
    assert seen["marks"][0] == [["both", "Anna Lund"], ["gold", ", an engineer"]], seen["marks"]
    assert seen["marks"][1] == [["gold", "rapeseed "], ["both", "oil"], ["said", " until 1907"]], seen["marks"]


def check_texts(seen):
    assert seen["charts"] == TEXT_CHARTS and seen["drawn"] == len(TEXT_CHARTS), (seen["charts"], seen["drawn"])
    assert seen["rows"] == seen["confusion"] and sorted(seen["rows"]) == ["adapter-mean", "tiny-tenney"], seen["rows"]
    assert seen["system"] == "adapter-mean" and len(seen["all"]) == 6, seen["system"]
    broken, sold = seen["all"][2], seen["all"][4]
    assert broken.startswith("</script>") and sold.startswith("Who sold <img"), seen["all"]
    assert seen["wrong"] == [broken, sold] and seen["as_date"] == [sold], seen["wrong"]
    assert seen["things"] == [broken, "What did it burn\u2028?"], seen["things"]
    assert seen["unsure"][:2] == [broken, sold], seen["unsure"]
    assert seen["only"] == ["When was <b>it</b> built?"], seen["only"]
    assert seen["found"] == ["In which year did electricity come?"], seen["found"]
    assert seen["orders"] == ["data", "sure", "unsure"], seen["orders"]


def main():
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory(prefix="bertvision-report-") as name:
        folder = pathlib.Path(name)
        page, texts = make_page(folder, FOLDERS), make_page(folder, ["texts"])
        check_text(page)
        check_text(texts)
        if browser is None:
            print("SKIPPED in part: no Chromium; Debian's chromium-headless-shell (scripts/debian-test-packages.txt) is needed")
            return NO_BROWSER
        for made, use, checks in ((page, USE, (check_charts, check_filters)), (texts, USE_TEXTS, (check_texts,))):
            seen = browse(browser, made, folder, use)
            for check in (check_harmless, *checks):
                check(seen)
    print("the page does what it should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
