"""A table in LaTeX (booktabs).

The layout is the paper's: datasets side by side, measured rows above printed ones.
"""

from benchmarks.layout import Column, Row
from benchmarks.table_text import Footnotes, budget_text, coverage_note, explanation, number_text, paper_text, rank_text
from benchmarks.tables import Cell, Table, dataset_title

_SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "≈": r"$\approx$",
    "–": "--",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
}


def to_latex(table: Table) -> str:
    """A ``table*`` environment; needs the packages ``booktabs`` and ``graphicx``."""
    notes = Footnotes()
    measured = [_line(table, row, notes, printed=False) for row in table.rows]
    printed = [_line(table, row, notes, printed=True) for row in table.rows if _is_printed(table, row)]
    width = len(table.datasets) * len(table.layout.columns)
    if printed:
        printed = [r"\midrule", rf"\multicolumn{{{width + 1}}}{{l}}{{\emph{{as printed in the paper}}}} \\", *printed]
    lines = [
        r"\begin{table*}",
        r"\centering",
        rf"\caption{{{_escape(table.caption)} {_escape(explanation(table))}}}",
        rf"\label{{tab:speak-{table.layout.key}}}",
        r"\resizebox{\textwidth}{!}{%",
        rf"\begin{{tabular}}{{l{'r' * width}}}",
        r"\toprule",
        *_head(table),
        r"\midrule",
        rf"\multicolumn{{{width + 1}}}{{l}}{{\emph{{{table.source}}}}} \\",
        *measured,
        *printed,
        r"\bottomrule",
        r"\end{tabular}}",
        *(
            rf"\par\smallskip\footnotesize {_escape(text)}"
            for text in (coverage_note(table), budget_text(table))
            if text
        ),
        *(rf"\par\smallskip\footnotesize [{i}] {_escape(reason)}" for i, reason in enumerate(notes.reasons, 1)),
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def _head(table: Table) -> list[str]:
    columns = table.layout.columns
    groups = [rf"\multicolumn{{{len(columns)}}}{{c}}{{{_escape(dataset_title(name))}}}" for name in table.datasets]
    titles = [_title(column) for _ in table.datasets for column in columns]
    rules = "".join(
        rf"\cmidrule(lr){{{2 + i * len(columns)}-{1 + (i + 1) * len(columns)}}}" for i in range(len(groups))
    )
    return [" & ".join(["", *groups]) + r" \\", rules, " & ".join(["Method", *titles]) + r" \\"]


def _title(column: Column) -> str:
    arrow = r"$\uparrow$" if column.higher_is_better else r"$\downarrow$"
    return f"{_escape(column.title)} {arrow}"


def _is_printed(table: Table, row: Row) -> bool:
    return any(cell.paper is not None for cell in table.cells.values() if cell.row == row)


def _line(table: Table, row: Row, notes: Footnotes, *, printed: bool) -> str:
    label = _escape(row.label)
    if row.mark and not printed:
        label += rf" [{notes.mark(row.mark)}]"
    cells = [table.cell(row, dataset, column) for dataset in table.datasets for column in table.layout.columns]
    texts = [_paper_cell(cell) if printed else _measured_cell(cell, notes) for cell in cells]
    return " & ".join([label, *texts]) + r" \\"


def _paper_cell(cell: Cell) -> str:
    text = paper_text(cell.paper) or "--"
    return rf"\textbf{{{text}}}" if cell.paper_best else text


def _measured_cell(cell: Cell, notes: Footnotes) -> str:
    if cell.value is None:
        return f"-- [{notes.mark(cell.reason or '')}]"
    text = number_text(cell.value, cell.column)
    text = rf"\textbf{{{text}}}" if cell.best else text
    text += r" $\approx$" if cell.not_separated else ""
    if cell.low is None:
        return f"{text} [{notes.mark(f'no interval: {cell.reason}')}]"
    text += f" ({number_text(cell.low, cell.column)}, {number_text(cell.high, cell.column)})"
    return text + (rf"\,{{\tiny \#{_escape(rank_text(cell))}}}" if cell.rank else "")


def _escape(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in " ".join(text.split()))
