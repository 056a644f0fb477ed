import re
from html.parser import HTMLParser

from communitybudget._core.cards import Card, CardResult, card, footer, text_table

ATTACK = "<script>alert('x')</script> & \"£\""


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_every_text_on_a_card_is_escaped():
    html = card(ATTACK, [(ATTACK, ATTACK)], ATTACK, ATTACK)
    page = Tags(html)
    assert set(page.tags) == {"div", "p", "strong", "table", "tr", "th", "td"}
    assert page.text.count(ATTACK) == 5


def test_a_card_has_a_row_for_each_figure_and_no_empty_note():
    html = card("Ledger", [("Net", "£5"), ("Delivery", "£3")], "foot")
    page = Tags(html)
    assert page.tags.count("tr") == 2
    assert page.tags.count("p") == 2
    assert page.text == "LedgerNet£5Delivery£3foot"
    assert html.count('scope="row"') == 2


def test_the_text_is_aligned():
    assert text_table("Ledger", [("Net", "£5"), ("Delivery", "£3")], "foot", "note") == (
        "Ledger\n  Net       £5\n  Delivery  £3\nnote\nfoot"
    )
    assert text_table("Ledger", [], "foot") == "Ledger\nfoot"


def test_the_footer_says_what_made_the_result():
    foot = footer("2026-27", 0, 4096, "england 0.1.0")
    assert foot == "GBP, real, 2026-27 prices · seed 0 · 4,096 draws · parameters england 0.1.0"
    assert footer("", 1, 1, "x").startswith("Natural units, no money · seed 1 · 1 draw ·")


def test_no_clock_is_on_a_card():
    html = card("Ledger", [("Net", "£5")], footer("2026-27", 1, 10, "england 0.1.0"))
    assert not re.search(r"\d\d:\d\d|\d{4}-\d\d-\d\d", html)


def test_a_result_with_a_card_is_told_as_text_and_as_html():
    class Told(CardResult):
        def _card(self):
            return Card("A title", [("name", "value")], "a foot", "a note")

    assert Told().summary() == text_table("A title", [("name", "value")], "a foot", "a note")
    assert Told()._repr_html_() == card("A title", [("name", "value")], "a foot", "a note")
