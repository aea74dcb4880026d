"""Charts as SVG images: what a chart says (`chart.py`), where its marks stand (`*_marks.py`), how they are drawn."""
