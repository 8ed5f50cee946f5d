"""Scripts that made files of the till which no text editor makes: pictures and sounds."""
