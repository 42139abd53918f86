# SPDX-License-Identifier: GPL-2.0-or-later
"""Output of the benchmarks: tables in Markdown, and the targets."""


class Checks:
    """Counts targets that were met and missed, and prints them at the end."""

    def __init__(self):
        self.rows = []

    def at_most(self, name, value, limit):
        self._add(name, f"{value:.2f}", f"at most {limit:g}", value <= limit)

    def at_least(self, name, value, limit):
        self._add(name, f"{value:.2f}", f"at least {limit:g}", value >= limit)

    def _add(self, name, value, target, met):
        self.rows.append((name, value, target, "yes" if met else "NO"))

    def finish(self):
        table("Targets", ("what", "measured", "target", "met"), self.rows)
        missed = sum(row[-1] == "NO" for row in self.rows)
        print(f"{len(self.rows) - missed} passed, {missed} failed")
        return 1 if missed or not self.rows else 0


def table(title, head, rows):
    print(f"### {title}\n")
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)
