"""Methods as compositions of parts, one file a part."""
