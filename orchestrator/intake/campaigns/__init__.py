"""Campaign files: their shape, their sense, their tests, and the domain campaign they become."""
