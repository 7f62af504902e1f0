"""Records to numbers: percentiles, rates, time series, spans."""
