import { definePlugin, type Plugin } from "@infoplane/core";
import { compressionTakesLongest } from "./analyses/compression_takes_longest.ts";
import { dpiChain } from "./analyses/dpi_chain.ts";
import { informationPlane } from "./analyses/information_plane.ts";
import { twoPhases } from "./analyses/two_phases.ts";
import { dense } from "./architectures/dense.ts";
import { curveArcsDataset } from "./datasets/curve_arcs.ts";
import { finiteJointDataset } from "./datasets/finite_joint.ts";
import { gaussianMixtureDataset } from "./datasets/gaussian_mixture.ts";
import { ising } from "./datasets/ising.ts";
import { normalSignDataset } from "./datasets/normal_sign.ts";
import { symmetricRule } from "./datasets/symmetric_rule.ts";
import { binning } from "./estimators/binning.ts";

/** The plugins that come with Infoplane; they use nothing an outsider could not. */
const plugin: Plugin = definePlugin({
  name: "infoplane",
  version: "0.1.0",
  api: 1,
  datasets: [symmetricRule, finiteJointDataset, ising, gaussianMixtureDataset, normalSignDataset, curveArcsDataset],
  architectures: [dense],
  estimators: [binning],
  analyses: [informationPlane, dpiChain, twoPhases, compressionTakesLongest],
});
export default plugin;
