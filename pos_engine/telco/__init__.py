"""Lines to operators: texts and dialogues go out and come in."""
