"""What every request meets: its log, limits, headers, codes of refusals, the page and the API's description."""
