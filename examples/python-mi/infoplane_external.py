"""Lets Infoplane ask a Python function for estimates: copy this file beside your script, and import it before numpy.

Speaks infoplane.external/1, which core/EXTERNAL.md of Infoplane describes. Needs numpy for the arrays.
"""
import io
import json
import math
import os
import sys
import traceback

PROTOCOL = "infoplane.external/1"

# A slot is one core of several that work at a time.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

# What libraries print must not stand among the answers.
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def serve(estimate, program):
    """Answers requests until there are no more.

    estimate(request): a dict of columns: ixt_bits, ixt_low_bits, ixt_high_bits, ity_bits, …, ceiling_bits, diagnostics; reason where
      ixt_bits or ity_bits is None; or refuse(reason). The request has estimator, options, layer, meta (n, units, classes, …), seed, and
      arrays by name: activations [n, units], labels [n]; where known px [n], pyx [n, classes], inputs [n, …].
    program: name and version, which stand beside every number.
    """
    import numpy as np

    _say({"protocol": PROTOCOL, "program": program})
    requests = sys.stdin.buffer
    for line in iter(requests.readline, b""):
        request = json.loads(line)
        if request["protocol"] != PROTOCOL:
            sys.exit(f"this program speaks {PROTOCOL}: it was asked in {request['protocol']}")
        request["arrays"] = {
            array["name"]: np.load(io.BytesIO(requests.read(array["bytes"])), allow_pickle=False) for array in request["arrays"]
        }
        try:
            answer = {"status": "measured", **estimate(request)}
        except Exception as error:
            traceback.print_exc()
            answer = refuse(f"{type(error).__name__}: {error}", "failed")
        _say({"id": request["id"], **_plain(answer)})


def refuse(reason, status="skipped"):
    """An answer without numbers: "skipped" for samples that cannot be measured, "failed" for what went wrong."""
    return {"status": status, "reason": reason}


def unavailable(reason):
    """Says in the place of serve() what this machine lacks, and ends: samples are skipped with the reason."""
    _say({"protocol": PROTOCOL, "unavailable": reason})
    sys.exit(0)


def progress(request, done):
    """Says how much of a long request is done, from 0 to 1; who says nothing for a minute is ended."""
    _say({"id": request["id"], "progress": done})


def _say(message):
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def _plain(value):
    """As JSON has it: numbers of numpy are plain ones, and what is not finite is a word, which Infoplane refuses."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
