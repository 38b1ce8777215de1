"""The methods that can be compared; one adapter a file."""
