"""A study in a folder of Parquet: committed block by block, verified byte by byte."""
