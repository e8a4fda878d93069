"""The arithmetic of drawings: shares of a frame, written with points."""

from decimal import Decimal

from portal.charts import bars, columns


def test_the_highest_column_fills_the_frame_and_half_of_it_is_half_as_high():
    high, low = columns([("11", Decimal(8), "8,0"), ("12", Decimal(4), "4,0")])
    assert (high.height, low.height) == ("74.00%", "37.00%")
    assert (high.y, low.y) == ("14.00%", "51.00%")
    assert (high.middle, low.middle) == ("25.00%", "75.00%")
    assert (high.label, high.value) == ("11", "8,0")


def test_nothing_is_drawn_of_nothing_and_zeros_lie_flat():
    assert columns([]) == []
    (flat,) = columns([("11", Decimal(0), "0,0")])
    assert flat.height == "0.00%"


def test_the_longest_bar_fills_its_cell():
    assert [bar.length for bar in bars([4, 1, 0])] == ["100.00%", "25.00%", "0.00%"]
    assert bars([]) == []
