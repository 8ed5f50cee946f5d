"""What the product itself writes for a PIN of staff; the other tests use a quick hash."""

import subprocess
import sys

from argon2 import extract_parameters

SAYS = "from pos_engine.services.slow_hash import hash_pin; print(hash_pin('123456'))"


def test_a_pin_of_staff_costs_a_thief_64_mib_for_each_try():
    told = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, check=True, text=True)
    found = extract_parameters(told.stdout.strip())
    assert (found.type.name, found.version) == ("ID", 19)
    assert found.memory_cost >= 65_536  # KiB, RFC 9106's second choice
    assert found.time_cost >= 3
