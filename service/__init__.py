"""What the Bento holds: the HTTP service over a frozen bundle."""
