"""What happens between people beside the text: pastes, absences, suggestions, pointing the way."""
