"""What runs without being asked: drains of lanes and cases, their ticks, their actors. Nothing here thinks."""
