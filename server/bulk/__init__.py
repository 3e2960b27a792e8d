"""Reading archives without a server: files in, Parquet out, a pipeline in a process of its own on each processor.

sources (folders, lists, URLs) → less what is done → engine (Ray Data) → readers → parts
"""
