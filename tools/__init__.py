"""What the maintainers run on the project itself."""
