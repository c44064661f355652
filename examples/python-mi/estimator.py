"""What a single unit tells of the label: scikit-learn's mutual_info_classif, unit by unit."""
import math

import infoplane_external as infoplane

try:
    import numpy as np
    import sklearn
    from sklearn.feature_selection import mutual_info_classif
except ImportError as missing:
    infoplane.unavailable(f"Python has no {missing.name}: python3 -m pip install scikit-learn")


def estimate(request):
    neighbours = request["options"]["neighbours"]
    activations, labels = request["arrays"]["activations"], request["arrays"]["labels"]
    rarest = np.unique(labels, return_counts=True)[1].min()
    if rarest <= neighbours:
        return infoplane.refuse(f"each label must have more than {neighbours} rows: one has {rarest}")
    nats = mutual_info_classif(
        activations.astype(np.float64), labels, discrete_features=False, n_neighbors=neighbours, random_state=request["seed"]
    )
    best = int(nats.argmax())
    found = nats[best] > 0
    reasons = ["scikit-learn reads single units: no I(X;T)"]
    if not found:
        reasons.append("no I(T;Y): scikit-learn cuts estimates off at 0, and that of every unit is")
    return {
        "ity_bits": nats[best] / math.log(2) if found else None,
        "reason": "; ".join(reasons),
        "diagnostics": {"unit": best, "meanBits": nats.mean() / math.log(2), "unitsAtZero": int((nats == 0).sum())},
    }


infoplane.serve(estimate, f"scikit-learn {sklearn.__version__}")
