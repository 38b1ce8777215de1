"""The ``speak`` command with everything in it: speak's own commands, and those that know the benchmark.

``speak`` may not import ``benchmarks``, so the commands meet here, and here the installed command begins.
"""

from benchmarks.baseline_command import baseline
from benchmarks.explain_command import explain
from benchmarks.weights_command import weights
from speak.cli import app, main

app.command()(baseline)
app.command()(explain)
app.add_typer(weights, name="weights")

if __name__ == "__main__":
    main()
