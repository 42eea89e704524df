"""Draws bars as SVG; it leaves what they mean to the reports."""

from collections.abc import Mapping
from html import escape

WIDTH, ROW, LABEL, MARGIN = 720, 28, 250, 60


def bar_chart(title: str, bars: Mapping[str, float]) -> str:
    """Return an SVG with one bar for each label, from zero on."""
    height = ROW * (len(bars) + 1) + 12
    scale = (WIDTH - LABEL - MARGIN) / max(bars.values())
    rows = [_bar(ROW * (number + 1), label, value, scale) for number, (label, value) in enumerate(bars.items())]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<text x="8" y="20" font-size="15">{escape(title)}</text>',
            *rows,
            "</svg>\n",
        ]
    )


def _bar(top: int, label: str, value: float, scale: float) -> str:
    middle, end = top + ROW * 0.65, LABEL + value * scale
    return (
        f'<text x="{LABEL - 8}" y="{middle:.0f}" font-size="13" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{top + 4}" width="{value * scale:.0f}" height="{ROW - 8}" fill="#4477aa"/>'
        f'<text x="{end + 6:.0f}" y="{middle:.0f}" font-size="13">{value:.2f}</text>'
    )
