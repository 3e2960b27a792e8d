"""The texts of training lines: one function for each kind, drawn by a seeded generator.

A kind also names the faces and the look that its lines may have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TypeVar

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from edgeocr.model.recognition.rules.plates import PROVINCES
from edgeocr.model.training.data.corpus import Corpus
from edgeocr.model.training.data.kinds import identifiers

Rng = np.random.Generator
T = TypeVar("T")

_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_STOPS_WIDE = ["，", "。", "、", "；", "：", "！", "？", "，", "。", "——", "……"]
_BRACKETS_WIDE = ["“”", "《》", "（）", "「」", "『』", "【】", "〈〉", "()"]
_UNITS = "kg g mg km m cm mm L ml W kW V mA GB MB Hz °C % px h s".split()  # noqa: SIM905
# Signs that look like a Latin letter, a Han character or another sign: without context they are ambiguous.
_TWINS = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνουικχρω×∨∪∶ー一ロカニハエタトヘへりリ・ⅠⅤⅩⅬⅭⅮⅯⅰⅴⅹ°º′ˊ´`―─﹣〇○◯∑∏∆µ｜丨"
_RECEIPT_WORDS = (  # noqa: SIM905  # a word list reads better as words
    "TOTAL SUBTOTAL CASH CHANGE TAX INVOICE GST RM ROUNDING ADJUSTMENT QTY ITEM PRICE AMOUNT DISCOUNT NO DATE TIME"
    " CASHIER TABLE RECEIPT SDN BHD JALAN TAMAN TEL FAX REG ID SUMMARY THANK YOU PLEASE COME AGAIN DUE BALANCE CARD"
    " VISA APPROVED CODE BILL MEMBER POINTS EXCHANGE GOODS SOLD ARE NOT RETURNABLE INCLUSIVE SR ZRL TAXABLE PCS UNIT"
).split()


def pick(rng: Rng, items: Sequence[T]) -> T:
    """Draw one item."""
    return items[int(rng.integers(len(items)))]


def _digits(rng: Rng, count: int) -> str:
    return "".join(pick(rng, digits) for _ in range(count))


def _cumulative(counts: Sequence[float]) -> NDArray[np.float64]:
    # The root of a count: common words stay common, rare ones still occur.
    weights = np.sqrt(np.asarray(counts) + 1)
    return np.asarray(np.cumsum(weights) / weights.sum(), np.float64)


@dataclass(frozen=True)
class Kind:
    """A kind of line.

    Attributes:
        name: what its lines are.
        share: relative share among the lines.
        write: draws a text.
        roles: roles of faces it may be set in.
        look: name of the looks it may have.
    """

    name: str
    share: float
    write: Callable[[Rng], str]
    roles: tuple[str, ...]
    look: str


class Writer:
    """Draws texts of every kind from a corpus; drawing changes no state."""

    def __init__(self, corpus: Corpus, charset: Sequence[str]) -> None:
        self._corpus = corpus
        self._simplified = _cumulative(corpus.simplified_counts)
        self._traditional = _cumulative(corpus.traditional_counts)
        self._han = [c for c in charset if "\u3400" <= c <= "\u9fff" or c >= "\U00020000"]
        skipped = {*self._han, *_TWINS}
        self._signs = [c for c in charset if c not in skipped and not c.isspace()]
        self._known = frozenset(charset)
        self._fakers = {locale: Faker(locale) for locale in ("zh_CN", "zh_TW", "en_US")}

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of line with its share."""
        han, latin = ("han", "han", "han", "hand"), ("text", "text", "text", "mono", "display", "plate")
        return (
            Kind("simplified", 11, self.simplified, han, "page"),
            Kind("traditional", 12, self.traditional, ("han",), "page"),
            Kind("rare", 4, self.rare, ("han",), "page"),
            Kind("signs", 2, self.signs, ("han",), "page"),
            Kind("symbols", 4, self.symbols, ("han", "han", "text"), "page"),
            Kind("english", 8, self.english, ("text", "text", "text", "mono"), "page"),
            Kind("format", 5, self.format, ("text", "mono", "han"), "page"),
            Kind("receipt", 9, self.receipt, ("mono", "mono", "text", "plate"), "receipt"),
            Kind("scene", 8, self.scene, latin, "scene"),
            Kind("street", 16, self.scene, latin, "street"),
            Kind("marker", 6, identifiers.identifier, ("mono", "plate", "text"), "marker"),
            Kind("shop", 3, self.shop, han, "scene"),
            Kind("photo", 6, self.photo, ("han", "han", "text"), "photo"),
            Kind("arc", 2, self.sign, ("text", "text", "display", "han"), "arc"),
            Kind("dots", 3, self.display, ("mono", "mono", "text", "han"), "dots"),
            Kind("hand", 26, self.hand, ("strokes",), "note"),
            Kind("plate", 10, self.plate, ("plate",), "plate"),
        )

    def spell(self, text: str, limit: int) -> str:
        """Drop characters outside the charset, then cut to a length in characters."""
        return "".join(c for c in text if c in self._known)[:limit].strip()

    def _words(self, rng: Rng, traditional: bool, count: int) -> list[str]:
        words = self._corpus.traditional if traditional else self._corpus.simplified
        return [words[min(int(i), len(words) - 1)] for i in np.searchsorted(
            self._traditional if traditional else self._simplified, rng.random(count))]  # fmt: skip

    def _chinese(self, rng: Rng, traditional: bool) -> str:
        form = rng.random()
        if form < 0.45:
            sentences = self._corpus.traditional_sentences if traditional else self._corpus.chinese_sentences
            sentence = pick(rng, sentences)
            start = int(rng.integers(max(1, len(sentence) - 6)))
            return sentence[start : start + int(rng.integers(4, 36))]
        words = self._words(rng, traditional, int(rng.integers(1, 14)))
        if form < 0.8 and len(words) > 2:
            at = int(rng.integers(1, len(words)))
            words.insert(at, pick(rng, _STOPS_WIDE))
            if rng.random() < 0.4:
                brackets = pick(rng, _BRACKETS_WIDE)
                words.insert(int(rng.integers(at)), brackets[0])
                words.append(brackets[1])
        if rng.random() < 0.2:
            words.insert(
                int(rng.integers(len(words) + 1)),
                pick(rng, [self.format(rng), pick(rng, self._corpus.english)]),
            )
        return "".join(words)

    def simplified(self, rng: Rng) -> str:
        """Simplified Chinese: running text and words, sometimes with numbers and English."""
        return self._chinese(rng, traditional=False)

    def traditional(self, rng: Rng) -> str:
        """Traditional Chinese; one line in five is in random order, for dialects that the corpus lacks."""
        if rng.random() < 0.2:
            rare = pick(rng, self._han)
            text = list(self._chinese(rng, traditional=True))
            for _ in range(int(rng.integers(1, 4))):
                text.insert(int(rng.integers(len(text) + 1)), rare)
                rare = pick(rng, self._han)
            return "".join(text)
        return self._chinese(rng, traditional=True)

    def rare(self, rng: Rng) -> str:
        """Han characters drawn uniformly from the charset, so that each occurs."""
        return "".join(pick(rng, self._han) for _ in range(int(rng.integers(2, 18))))

    def signs(self, rng: Rng) -> str:
        """Signs, accents and numbers drawn uniformly, between Han characters."""
        mixed = [pick(rng, self._signs if rng.random() < 0.6 else self._han) for _ in range(int(rng.integers(2, 16)))]
        return "".join(mixed)

    def english(self, rng: Rng) -> str:
        """English running text, cut anywhere."""
        if rng.random() < 0.25:
            words = [pick(rng, self._corpus.english) for _ in range(int(rng.integers(1, 9)))]
            text = " ".join(words)
        else:
            text = pick(rng, self._corpus.english_sentences)
        words = text.split(" ")
        start = int(rng.integers(len(words)))
        text = " ".join(words[start : start + int(rng.integers(1, 13))])
        case = rng.random()
        return text.upper() if case < 0.1 else text.title() if case < 0.2 else text

    def format(self, rng: Rng) -> str:
        """Dates, amounts, identifiers, addresses, links, telephone numbers, in Chinese or English manner."""
        year, month, day = int(rng.integers(1950, 2050)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
        amount = f"{rng.integers(0, 10 ** int(rng.integers(1, 8))):,}.{rng.integers(100):02d}"
        letters = "".join(pick(rng, ascii_uppercase) for _ in range(int(rng.integers(1, 4))))
        fake = self._fakers[pick(rng, ["zh_CN", "zh_TW", "en_US"])]
        fake.seed_instance(int(rng.integers(2**31)))
        forms: list[Callable[[], str]] = [
            lambda: f"{year}年{month}月{day}日",
            lambda: f"{year}{pick(rng, '-/.')}{month:02d}{pick(rng, '-/.')}{day:02d}",
            lambda: f"{day:02d}/{month:02d}/{year} {rng.integers(24):02d}:{rng.integers(60):02d}",
            lambda: f"{pick(rng, '¥$€£￥')}{amount}",
            lambda: amount,
            lambda: f"{rng.integers(1000)}.{_digits(rng, 1)}{pick(rng, ['', ' '])}{pick(rng, _UNITS)}",
            lambda: f"{rng.integers(1000)}{pick(rng, ['', ' '])}{pick(rng, _UNITS)}",
            lambda: _digits(rng, 17) + pick(rng, digits + "X"),
            lambda: letters + pick(rng, ["-", "", " ", "/"]) + _digits(rng, int(rng.integers(3, 10))),
            lambda: pick(rng, ["发票号码：", "No. ", "编号:", "電話：", "Tel: ", "统一编号："]) + _digits(rng, 8),
            fake.address,
            fake.url,
            fake.email,
            fake.phone_number,
            fake.company,
            fake.name,
        ]
        return pick(rng, forms)().replace("\n", " ")

    def receipt(self, rng: Rng) -> str:
        """Lines of till receipts: upper-case words, codes, prices."""
        amount = f"{rng.integers(0, 10 ** int(rng.integers(1, 5)))}.{rng.integers(100):02d}"
        form = rng.random()
        if form < 0.25:
            return pick(rng, ["", "", "RM", "RM ", "$", "-"]) + amount + pick(rng, ["", "", "", " SR", "*", " Z", "%"])
        if form < 0.4:
            return self.format(rng).upper() if rng.random() < 0.5 else self.format(rng)
        words = [
            pick(rng, _RECEIPT_WORDS) if rng.random() < 0.4 else pick(rng, self._corpus.english)
            for _ in range(int(rng.integers(1, 6)))
        ]
        text = " ".join(words)
        text = text.upper() if rng.random() < 0.75 else text.title()
        tail = rng.random()
        if tail < 0.15:
            return f"{text}{pick(rng, [':', ' :', ' : '])}{amount}"
        if tail < 0.3:
            return f"{rng.integers(1, 13)} X {amount} {text}"
        if tail < 0.4:
            return f"{text} ({_digits(rng, 6)}-{pick(rng, ascii_uppercase)})"
        return text + pick(rng, ["", "", ":", ".", ","])

    def scene(self, rng: Rng) -> str:
        """A word or two as on signs and covers; sometimes a number or random letters."""
        form = rng.random()
        if form < 0.1:
            return _digits(rng, int(rng.integers(1, 5)))
        if form < 0.2:
            # Letters that look like digits are left out: without context they are ambiguous.
            mixed = "ABCDEFGHJKLMNPQRSTUVWXYZ" + digits
            alphabet = pick(rng, [ascii_uppercase, mixed, ascii_lowercase])
            return "".join(pick(rng, alphabet) for _ in range(int(rng.integers(2, 9))))
        text = " ".join(pick(rng, self._corpus.english) for _ in range(1 if form < 0.9 else 2))
        case = rng.random()
        return text.upper() if case < 0.5 else text.title() if case < 0.8 else text

    def shop(self, rng: Rng) -> str:
        """A few Chinese words as on a shop sign."""
        return "".join(self._words(rng, bool(rng.random() < 0.4), int(rng.integers(1, 4))))

    def sign(self, rng: Rng) -> str:
        """Text of seals and round signs: a name of a few English or Chinese words."""
        return self.scene(rng) if rng.random() < 0.7 else "".join(self._words(rng, False, int(rng.integers(2, 4))))

    def display(self, rng: Rng) -> str:
        """Text of panels and till printers: numbers, times, a few words."""
        form = rng.random()
        return self.format(rng) if form < 0.4 else self.receipt(rng) if form < 0.75 else self.shop(rng)

    def symbols(self, rng: Rng) -> str:
        """A few words with the symbols that documents use."""
        chinese = rng.random() < 0.7
        words = "".join(self._words(rng, False, int(rng.integers(1, 5)))) if chinese else self.english(rng)
        return identifiers.with_symbols(rng, words[:24])

    def photo(self, rng: Rng) -> str:
        """Text of tickets, labels and screens: a field's name, a number, a name."""
        form = rng.random()
        if form < 0.4:
            return self.format(rng)
        words = "".join(self._words(rng, bool(rng.random() < 0.2), int(rng.integers(1, 5))))
        return f"{words}{pick(rng, '：: ')}{self.format(rng)}" if form < 0.6 else words

    def hand(self, rng: Rng) -> str:
        """Text of handwriting: running text, notes with a number or a symbol, names and dates."""
        form = rng.random()
        if form < 0.08:
            return self.format(rng)
        text = self._chinese(rng, traditional=bool(rng.random() < 0.12))
        return identifiers.with_symbols(rng, text[:20]) if form < 0.16 else text

    def plate(self, rng: Rng) -> str:
        """A Chinese licence plate: province, city letter, five or (for green plates) six letters and digits."""
        count = 6 if rng.random() < 0.12 else 5
        letter = rng.random(count) < 0.22
        tail = "".join(pick(rng, _PLATE_LETTERS) if is_letter else pick(rng, digits) for is_letter in letter)
        return pick(rng, PROVINCES) + pick(rng, _PLATE_LETTERS) + pick(rng, ["", "·"]) + tail
