"""bench/peers/report.py: what bench/peers.py found, as tables, a plot, and the page of the documentation."""
import page

TIMES = "| | to | first sync | CPU | server's CPU | peak MiB | 1 % changed | CPU | server's CPU | peak MiB | copy |"
LATE = "| | syncs | rows written | lost | with a lag of 1 s: syncs | lost |"


def header(line, left):
    cells = line.count("|") - 1
    return f"{line}\n|{' --- |' * left}{' ---: |' * (cells - left)}"


def tell_seconds(seconds):
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"


def cost_cells(costs):
    if costs is None:
        return ["", "", "", ""]
    wall = tell_seconds(costs["wall"])
    if len(costs["walls"]) > 1:
        wall += f" (to {tell_seconds(max(costs['walls']))})"
    return [wall, tell_seconds(costs["cpu"]), tell_seconds(costs["server_cpu"]), f"{costs['peak'] / (1 << 20):,.0f}"]


def tell_copy(found):
    """Whether what arrived is what should have, at the last look that there was."""
    looks = [look for look in (found.get("first_copy"), found.get("changed_copy")) if look is not None]
    if not looks:
        return ""
    missing, stale, extra = (max(counts) for counts in zip(*looks))
    if missing == stale == extra == 0:
        return "equal"
    return f"{missing:,} missing, {stale:,} differ, {extra:,} too many"


def tabulate_times(results):
    lines = [header(TIMES, 2)]
    for found in results:
        if found.get("first") is None:
            lines.append(f"| {found['title']} | {found['target']} | does not run: {found['message']} |" + " |" * 8)
            continue
        changed = cost_cells(found.get("changed"))
        if found.get("changed") is None:
            changed[0] = found.get("message") or "not incremental"
        cells = [found["title"], found["target"], *cost_cells(found["first"]), *changed, tell_copy(found)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def late_cells(late):
    if late is None:
        return ["", "", ""]
    if "message" in late:
        return ["", "", f"does not run: {late['message']}"]
    return [f"{late['syncs']}", f"{late['written']:,}", f"{late['lost']:,}"]


def tabulate_late(results):
    lines = [header(LATE, 1)]
    for found in results:
        if found.get("late") is not None:
            lagging = late_cells(found.get("lagging"))
            cells = [found["title"], *late_cells(found["late"]), lagging[0], lagging[2]]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(results, titles):
    """Bars of seconds, a panel for each scenario."""
    panel = 50 + 24 * len(results)
    plot, top = page.Plot(760, panel * len(titles)), 0
    for key, title in titles.items():
        longest = max((found[key]["wall"] for found in results if found.get(key)), default=1)
        plot.text(240, top + 24, title)
        for place, found in enumerate(results):
            y = top + 36 + 24 * place
            plot.text(232, y + 13, found["title"], "end")
            if not found.get(key):
                plot.text(246, y + 13, "not incremental" if found.get("message") is None else "does not run", color="#888")
                continue
            width = max(found[key]["wall"] / longest * 420, 1)
            plot.bar(240, y, width, 17, found["color"])
            plot.text(246 + width, y + 13, tell_seconds(found[key]["wall"]))
        top += panel
    return plot


def describe(about, results):
    """The text of the page: tables, and all that one has to know to do it again."""
    lines = [
        f"{about['rows']:,} rows; {about['machine']}; PostgreSQL {about['postgres']} on the same machine with "
        f"{about['settings']}; the fastest of {about['runs']}, in which other work took at most {about['busy']:.0%} of the cores; "
        f"{about['day']}.", "",
        "![seconds of each tool](peers.svg)", "", tabulate_times(results), "",
        f"Late commits: {about['writers']} writers for {about['seconds']:g} s.", "", tabulate_late(results), "",
        "What each ran, at the first sync as at the others:", ""]
    for found in results:
        lines += [f"**{found['title']}**{': ' + found['note'] if found['note'] else ''}", "",
                  "```sh", found["command"], "```", ""]
        if found["job"]:
            lines += ["```yaml", found["job"].rstrip(), "```", ""]
    lines.pop()
    return "\n".join(lines)


def write(folder, about, results):
    titles = {"first": f"first sync of {about['rows']:,} rows: seconds",
              "changed": f"{about['rows'] // 100:,} of them changed: seconds"}
    page.write(folder, "peers", describe(about, results), draw(results, titles))
