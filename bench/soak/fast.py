"""A Python command with a daemon whose clocks run fast: `python -m bench.soak.fast SPEED PYTHON -m MODULE …`."""

import runpy
import sys
from functools import partial

from sampler.device import daemon
from sampler.device.machine import Machine


def main() -> None:
    _, speed, _python, _m, module, *arguments = sys.argv
    # Everything else is `sampler run` as it is: its options, its log, its exit code.
    vars(daemon)["run"] = partial(daemon.run, machine=Machine(float(speed)))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


main()
