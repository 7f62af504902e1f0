"""What both worlds ask about the bytes of a link: what a fault does to them, which exchanges pass."""
