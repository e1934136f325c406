"""A row of the benchmark: its samples, its figures, and whether each target is met."""
import statistics


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Row:
    """The samples of one workload, and what is made of them. `figures` is what a later run is compared by."""

    def __init__(self, key, title, unit="s"):
        self.key, self.title, self.unit = key, title, unit
        self.samples, self.cpu = {}, {}
        self.figures = []
        self.notes = []

    def add(self, contender, sample):
        self.samples.setdefault(contender, []).append(sample)

    def add_cpu(self, contender, seconds):
        """Seconds of processor time of one round, by who had them."""
        self.cpu.setdefault(contender, []).append(seconds)

    def cpu_notes(self):
        """Yields the median processor time of each contender. Other programs on the machine hardly change it, unlike elapsed time."""
        for contender, rounds in self.cpu.items():
            parts = {who: statistics.median(one[who] for one in rounds) for who in rounds[0]}
            yield f"CPU of {contender}: {sum(parts.values()):.2f} s (" + ", ".join(
                f"{who} {seconds:.2f}" for who, seconds in parts.items() if seconds >= 0.005) + ")"

    def median(self, contender):
        return statistics.median(self.samples[contender])

    def best(self, peers):
        """Returns the fastest of these peers that ran in every round; None if none did."""
        rounds = max(map(len, self.samples.values()))
        return min((peer for peer in peers if len(self.samples.get(peer, ())) == rounds), key=self.median, default=None)

    def ratio(self, peer, limit, name="ratio", tolerance=0.10, inverse=False):
        """Adds ours divided by the peer's, round by round: at most the limit. With `inverse`, the peer's by ours: at least the limit."""
        ours, theirs = self.samples["ours"], self.samples[peer]
        ratios = [their / our if inverse else our / their for our, their in zip(ours, theirs)]
        self.figure(name, ratios, limit, against=peer, at_least=inverse, tolerance=tolerance)

    def figure(self, name, values, limit, against=None, at_least=False, unit="", tolerance=0.25):
        """Adds the median of the rounds' values, which is to be at most the limit, or with `at_least` at least the limit."""
        value = statistics.median(values)
        self.figures.append({
            "name": name, "against": against, "value": value, "min": min(values), "max": max(values), "unit": unit,
            "limit": limit, "at_least": at_least, "tolerance": tolerance,
            "met": value >= limit if at_least else value <= limit})

    def as_json(self):
        return {"key": self.key, "title": self.title, "unit": self.unit, "figures": self.figures, "notes": self.notes,
                "samples": self.samples, "cpu": self.cpu}


HEAD = ("workload", "ours", "best peer", "figure", "(min-max)", "target", "met")


def cells(row):
    """Yields the lines of the table for a row, one for each figure."""
    for number, figure in enumerate(row.figures):
        peer = figure["against"]
        digits = 4 if figure["unit"] == "s" and figure["value"] < 0.1 else 2
        sign = ">=" if figure["at_least"] else "<="
        yield (row.title if number == 0 else "",
               quantity(row.median("ours"), row.unit) if number == 0 and "ours" in row.samples else "",
               f"{quantity(row.median(peer), row.unit)} {peer}" if peer else "",
               f"{figure['name']} {figure['value']:.{digits}f} {figure['unit']}".rstrip(),
               f"({figure['min']:.{digits}f}-{figure['max']:.{digits}f})",
               f"{sign} {figure['limit']:g} {figure['unit']}".rstrip(),
               "met" if figure["met"] else "NOT met")


def quantity(value, unit):
    if unit == "s":
        return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value:.3f} s"
    return f"{value:,.0f} {unit}"


def table(rows):
    """Returns the rows as a table in Markdown, as the documentation has it."""
    lines = [HEAD] + [line for row in rows for line in cells(row)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
