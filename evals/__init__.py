"""The workbench: data, benches, and the command line."""
