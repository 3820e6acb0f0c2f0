"""What a report says, as plain data: computed once, then shown as a page, Markdown or JSON."""
