"""The collaboration core: codec, validation, rooms, presence. It knows neither the web framework nor the database."""
