"""Foundations that every room uses: errors, random streams, financial years, safe writing."""
