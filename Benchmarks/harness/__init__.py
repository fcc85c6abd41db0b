"""What `make bench` measures with: Python's standard library, wrk, nginx and the peers."""
