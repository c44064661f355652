import { definePlugin, type Plugin } from "@infoplane/core";
import { batchSize } from "./analyses/batch_size.ts";
import { calibration } from "./analyses/calibration.ts";
import { capacityEqualisation } from "./analyses/capacity_equalisation.ts";
import { compressionTakesLongest } from "./analyses/compression_takes_longest.ts";
import { dpiChain } from "./analyses/dpi_chain.ts";
import { driftDiffusion } from "./analyses/drift_diffusion.ts";
import { estimatorChoice } from "./analyses/estimator_choice.ts";
import { gradientSnr } from "./analyses/gradient_snr.ts";
import { hiddenLayers } from "./analyses/hidden_layers.ts";
import { informationPlane } from "./analyses/information_plane.ts";
import { lastHiddenPhases } from "./analyses/last_hidden_phases.ts";
import { layersHelp } from "./analyses/layers_help.ts";
import { layerComponents, layerNeighbours } from "./analyses/layer_embeddings.ts";
import { notInvariant } from "./analyses/not_invariant.ts";
import { notSaturation } from "./analyses/not_saturation.ts";
import { rateChoice } from "./analyses/rate_choice.ts";
import { relaxationLaw } from "./analyses/relaxation_law.ts";
import { reluCompresses } from "./analyses/relu_compresses.ts";
import { stochasticityHelps } from "./analyses/stochasticity_helps.ts";
import { transitionOrder } from "./analyses/transition_order.ts";
import { transitionTiming } from "./analyses/transition_timing.ts";
import { twoPhases } from "./analyses/two_phases.ts";
import { weightDiffusion } from "./analyses/weight_diffusion.ts";
import { cnn } from "./architectures/cnn.ts";
import { dense } from "./architectures/dense.ts";
import { lawLayer } from "./architectures/law.ts";
import { recorded } from "./architectures/recorded.ts";
import { cifar10 } from "./datasets/cifar10.ts";
import { fashionMnist } from "./datasets/fashion_mnist.ts";
import { mnist } from "./datasets/mnist.ts";
import { recordedData } from "./datasets/recorded.ts";
import { curveArcsDataset } from "./datasets/curve_arcs.ts";
import { finiteJointDataset } from "./datasets/finite_joint.ts";
import { gaussianMixtureDataset } from "./datasets/gaussian_mixture.ts";
import { ising } from "./datasets/ising.ts";
import { lawData } from "./datasets/law.ts";
import { normalSignDataset } from "./datasets/normal_sign.ts";
import { symmetricRule } from "./datasets/symmetric_rule.ts";
import { binning } from "./estimators/binning.ts";
import { decoder } from "./estimators/decoder.ts";
import { exact } from "./estimators/exact.ts";
import { gaussian } from "./estimators/gaussian.ts";
import { gaussianMixture } from "./estimators/gaussian_mixture.ts";
import { gaussianNoise } from "./estimators/gaussian_noise.ts";
import { infonce } from "./estimators/infonce.ts";
import { ksg } from "./estimators/ksg.ts";
import { mineDv } from "./estimators/mine_dv.ts";
import { ktDifference, noiseBounds } from "./estimators/noise_bounds.ts";
import { noiseMixture } from "./estimators/noise_mixture.ts";
import { noisePropagation } from "./estimators/noise_propagation.ts";
import { nwj } from "./estimators/nwj.ts";
import { renyi } from "./estimators/renyi.ts";
import { smile } from "./estimators/smile.ts";

/** The plugins that come with Infoplane; they use nothing an outsider could not. */
const plugin: Plugin = definePlugin({
  name: "infoplane",
  version: "0.1.0",
  api: 1,
  datasets: [
    symmetricRule,
    finiteJointDataset,
    ising,
    gaussianMixtureDataset,
    normalSignDataset,
    curveArcsDataset,
    lawData,
    mnist,
    fashionMnist,
    cifar10,
    recordedData,
  ],
  architectures: [dense, cnn, lawLayer, recorded],
  estimators: [
    binning,
    noiseBounds,
    noiseMixture,
    noisePropagation,
    ktDifference,
    ksg,
    renyi,
    exact,
    gaussian,
    gaussianNoise,
    gaussianMixture,
    decoder,
    infonce,
    nwj,
    mineDv,
    smile,
  ],
  analyses: [
    informationPlane,
    dpiChain,
    twoPhases,
    compressionTakesLongest,
    estimatorChoice,
    notInvariant,
    gradientSnr,
    lastHiddenPhases,
    driftDiffusion,
    transitionTiming,
    transitionOrder,
    weightDiffusion,
    hiddenLayers,
    relaxationLaw,
    layersHelp,
    capacityEqualisation,
    rateChoice,
    batchSize,
    stochasticityHelps,
    reluCompresses,
    notSaturation,
    calibration,
    layerComponents,
    layerNeighbours,
  ],
});
export default plugin;
export { CNN_PRESETS } from "./architectures/cnn.ts";
