"""Tables for a terminal: columns as wide as their widest cell, the last one cut at the edge."""

import shutil


def write(out, columns, rows):
    """Writes a table with a head line. None is an empty cell."""
    cells = [tuple(name.upper() for name in columns)]
    cells += [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    edge = shutil.get_terminal_size((200, 24)).columns if out.isatty() else None
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        out.write((line[:edge] if edge else line) + "\n")
