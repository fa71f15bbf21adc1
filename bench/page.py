"""bench/page.py: what the benchmarks write into the documentation: text between marks of a page, and plots as SVG."""


def write(folder, mark, text, plot):
    """The text goes between `<!-- mark -->` and the next `<!-- end -->` of benchmarks.md, the plot into a file beside it."""
    page = folder / "benchmarks.md"
    before, found, rest = page.read_text().partition(f"<!-- {mark} -->\n")
    if not found:
        raise ValueError(f"{page} has no mark '{mark}'")
    after = rest.partition("<!-- end -->")[2]
    page.write_text(f"{before}{found}{text}\n<!-- end -->{after}")
    (folder / f"{mark}.svg").write_text(str(plot))


class Plot:
    """A drawing; y grows downwards."""

    def __init__(self, width, height):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>']

    def text(self, x, y, text, anchor="start", color="#333"):
        text = str(text).replace("&", "&amp;").replace("<", "&lt;")
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{place} fill="{color}">{text}</text>')

    def line(self, points, color="#ddd", width=1):
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width}"/>')

    def dot(self, x, y, color):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>')

    def bar(self, x, y, width, height, color):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>')

    def __str__(self):
        return "\n".join(self.parts) + "\n</svg>\n"
