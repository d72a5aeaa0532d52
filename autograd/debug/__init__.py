"""Pictures, profiles and the search for the first NaN."""
