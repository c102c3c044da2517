"""The command line: options in, tables or one JSON object out; heavy imports inside commands."""
