"""The command line. The folder is the registry: each file is the command of its name, `app` its Typer application.

The first line of a file's docstring is its line in `wanmon --help`. What commands share is in `frame/`.
"""
