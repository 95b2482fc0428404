"""Running strangers' code: languages, limits, the sandbox, and the runner process around them.

It knows neither the web framework nor the database, and it holds no secrets.
"""
