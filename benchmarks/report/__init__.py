"""The static report page: ``ReportData`` in, ``index.html`` out."""

from benchmarks.report.data import ReportData
from benchmarks.report.write import write_report

__all__ = ["ReportData", "write_report"]
