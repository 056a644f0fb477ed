"""Reports: an appraisal laid out for those who have to sign it."""

from communitybudget.reporting.report import report, report_files

__all__ = ["report", "report_files"]
