"""What goes out to people: messages by the channels they can be reached by."""
