"""How wide intervals are, in standard errors of a normal distribution."""

Z95 = 1.959963984540054
"""Standard errors on each side of a 95% interval."""

Z95_DRAWN = 1.96
"""The same as charts draw it and warnings apply it, to the digits that the conventions print."""

Z_OF_INTERVAL = {"ci95": Z95, "ci90": 1.6448536269514722, "p10_p90": 1.2815515655446004}
"""Standard deviations from the middle to each end, by the kind of a published interval."""
