"""What the rules of doors must catch."""

import pickle
import secrets
import ssl
import subprocess


def planted(text, raw, row, digest):
    # ruleid: no-doors
    eval(text)
    # ruleid: no-doors
    pickle.loads(raw)
    # ruleid: no-doors
    subprocess.run(text, shell=True)
    context = ssl.create_default_context()
    # ruleid: no-doors
    context.check_hostname = False
    # ok: no-doors
    subprocess.run(["true"], check=True)
    # ruleid: no-plain-comparison-of-secrets
    bad = row.secret_hash == digest
    # ok: no-plain-comparison-of-secrets
    good = secrets.compare_digest(row.secret_hash, digest)
    return bad, good
