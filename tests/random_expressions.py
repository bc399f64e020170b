"""Tries random expressions, as long as a rule may be, in a process whose memory the caller bounds.

`python -m tests.random_expressions SEED`: the same seed, the same expressions.
"""

from __future__ import annotations

import random
import sys

from aggregator.filtering import rules

PIECES = ["a", ".", "(?:a|b)", r"\w", "[ab]", "(a)"]
REPEATS = ["+", "*", "?", "{2}", "{9}", "{99}", "{1,9}", "{0,99}", "{9,99}", "{999}", "+?", "*+"]
LINE = rules.Post(title="ab" * 2000 + "!")


def expression(chance: random.Random) -> str:
    """Random repeats within repeats."""
    text = chance.choice(PIECES)
    while True:
        kind = chance.random()
        longer = f"(?:{text}){chance.choice(REPEATS)}" if kind < 0.7 else text + chance.choice(PIECES)
        if len(longer) > rules.MAX_PATTERN_CHARACTERS - 1 or chance.random() < 0.03:
            return text + chance.choice(["", "$", "c"])
        text = longer


def main(seed: int) -> None:
    chance = random.Random(seed)
    rules.MAX_SEARCH_SECONDS = 0.02
    tried = 0
    while tried < 300:
        pattern = expression(chance)
        rule = rules.Rule(is_keep=False, field="title", pattern=pattern, is_regex=True)
        try:
            rules.check(pattern, is_regex=True)
        except rules.BadPattern:
            tried += 1 if chance.random() < 0.2 else 0
            continue
        rules.Judge([rule]).judge(LINE)
        tried += 1
    print(f"tried {tried}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
