/**
 * A stranger's estimator in Python: what the most telling unit of a layer says of the label, by scikit-learn.
 *
 * @module
 */
import { definePlugin, type Plugin } from "@infoplane/core";
import { defineExternalEstimator, type ExternalEstimator } from "@infoplane/core/external";
import { z } from "zod";

const options = z.strictObject({
  neighbours: z.number().int().min(1).default(3).describe("k-th neighbour of the same label that sets the distance"),
});

type Options = z.infer<typeof options>;

/**
 * max over units j of I(t_j;Y), which I(T;Y) is never less than: the whole layer tells what its best unit does. Each I(t_j;Y) is Ross's
 * estimate (PLoS ONE 9, e87357, 2014) as scikit-learn's `mutual_info_classif` has it. The largest of many noisy estimates is too high by
 * chance; the mean over units, in the diagnostics, is not.
 *
 * Labels are read as they were dealt, each row as one draw; rows that enumerate a population of known p(x) are none.
 */
export const bestUnit: ExternalEstimator<Options> = defineExternalEstimator({
  id: "acme/best-unit",
  title: "Best unit (scikit-learn)",
  description:
    "max_j I(t_j;Y) over single units by neighbours (Ross 2014), a lower bound of I(T;Y) but for chance; no I(X;T).",
  version: 1,
  command: ["python3", "-B", `${import.meta.dirname}/estimator.py`],
  options,
  claims: { decoderBound: "lower", zeroOnIndependence: true, invariances: ["relabelling"] },
  supports: ({ exactJoint }) =>
    !exactJoint || "scikit-learn reads rows that were drawn: here they enumerate a population",
});

const plugin: Plugin = definePlugin({ name: "acme/python-mi", version: "1.0.0", api: 1, estimators: [bestUnit] });
export default plugin;
