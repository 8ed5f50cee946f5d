"""Lets `python -m pos_engine.cli` run the commands."""

from pos_engine.cli import main

main()
