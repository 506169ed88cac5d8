"""An interpreter of network files in Python, written from docs/language.md: it shares no code with
the compiler, and no shortcut. And a generator of random networks for both."""
