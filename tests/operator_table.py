"""The keywords of ir/ops.def, and which of them a text of networks does not have."""

import re

import tools

ROW = re.compile(r'^OP\((\w+), "(\w+)",((?: [^,"]+,){7})', re.M)
# What the language also writes as an operator.
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "power": "^", "negate": "-"}


def keywords():
    rows = ROW.findall((tools.ROOT / "ir" / "ops.def").read_text())
    assert len(rows) > 60, "the table was not understood"
    return [keyword for _, keyword, _ in rows]


def tried(keyword, text):
    sign = SIGNS.get(keyword)
    return re.search(rf"\b{keyword}\b", text) or (sign and re.search(rf" {re.escape(sign)} |= -\w", text))


def check_all_tried(counter, text):
    """Every layer of the table is in the networks of a random test."""
    for keyword in keywords():
        counter.check(tried(keyword, text), f"{keyword} in a network", "never drawn")
