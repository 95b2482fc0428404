"""What only interviewers see: notes, their chat, scores."""
