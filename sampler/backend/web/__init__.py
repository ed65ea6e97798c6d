"""What all rooms share at the HTTP edge."""
