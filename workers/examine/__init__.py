"""What a file is: its type, whether its claims agree, its metadata; it runs in the cage and leaves limits to it."""
