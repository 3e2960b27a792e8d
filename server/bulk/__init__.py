"""Reads archives of files into Parquet without a server, with a pipeline process on each processor.

sources (folders, lists, URLs) → minus finished files → engine (Ray Data) → readers → parts
"""
