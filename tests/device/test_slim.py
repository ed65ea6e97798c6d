import subprocess
import sys

DEVICE = """
import sys
import sampler.device.client
assert "charset_normalizer" not in sys.modules, "loaded"
import charset_normalizer
"""


def test_the_client_does_not_load_what_guesses_encodings_and_lets_others_load_it() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DEVICE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
