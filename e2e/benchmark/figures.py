"""The figures of all contestants: every value of every round, and what is printed of them."""

import statistics
from collections import defaultdict


class Figures:
    """values[contestant][figure] is the list of what the rounds measured."""

    def __init__(self):
        self.values = defaultdict(lambda: defaultdict(list))

    def add(self, contestant, measured):
        for name, value in measured.items():
            self.values[contestant][name].append(value)

    def has(self, contestant, name):
        return name in self.values.get(contestant, {})

    def median(self, contestant, name):
        return statistics.median(self.values[contestant][name]) if self.has(contestant, name) else None

    def spread(self, contestant, name):
        values = self.values[contestant][name]
        return min(values), max(values)

    def ratio(self, contestant, base, name):
        """The contestant's median in units of the base's; None where one is missing or the base's is 0."""
        ours, theirs = self.median(contestant, name), self.median(base, name)
        return None if ours is None or not theirs else ours / theirs

    def names(self):
        """All figures' names, as they came."""
        return list(dict.fromkeys(name for measured in self.values.values() for name in measured))

    def plain(self):
        return {contestant: dict(measured) for contestant, measured in self.values.items()}
