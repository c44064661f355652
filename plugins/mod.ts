import { definePlugin, type Plugin } from "@infoplane/core";
import { compressionTakesLongest } from "./analyses/compression_takes_longest.ts";
import { dpiChain } from "./analyses/dpi_chain.ts";
import { informationPlane } from "./analyses/information_plane.ts";
import { twoPhases } from "./analyses/two_phases.ts";
import { dense } from "./architectures/dense.ts";
import { symmetricRule } from "./datasets/symmetric_rule.ts";
import { binning } from "./estimators/binning.ts";
import { decoder } from "./estimators/decoder.ts";
import { gaussian } from "./estimators/gaussian.ts";
import { gaussianMixture } from "./estimators/gaussian_mixture.ts";
import { infonce } from "./estimators/infonce.ts";
import { mineDv } from "./estimators/mine_dv.ts";
import { nwj } from "./estimators/nwj.ts";
import { smile } from "./estimators/smile.ts";

/** The plugins that come with Infoplane; they use nothing an outsider could not. */
const plugin: Plugin = definePlugin({
  name: "infoplane",
  version: "0.1.0",
  api: 1,
  datasets: [symmetricRule],
  architectures: [dense],
  estimators: [binning, gaussian, gaussianMixture, decoder, infonce, nwj, mineDv, smile],
  analyses: [informationPlane, dpiChain, twoPhases, compressionTakesLongest],
});
export default plugin;
