import type { ListedClaims } from "@infoplane/core";

/** The claims of the slides, by the ids under which analyses judge them; fixed with protocol 1, before any run. */
export const CLAIMS: ListedClaims = {
  listed: [
    { id: "dpi-chain", statement: "Information falls along the layers." },
    { id: "two-phases", statement: "Nets first fit the labels, then compress the input." },
    { id: "compression-takes-longest", statement: "Most of training is compression." },
    { id: "transition-order", statement: "Layers are learnt from the bottom up." },
    { id: "layers-help", statement: "Layers help each other." },
    {
      id: "drift-diffusion",
      statement: "The signal-to-noise ratio of the gradient falls from high to low in every layer.",
    },
    { id: "transition-timing", statement: "Compression starts at that transition of the gradient." },
    { id: "weight-diffusion", statement: "Weights diffuse in the noisy phase." },
    { id: "batch-size", statement: "The batch size decides when and how much layers compress." },
    {
      id: "stochasticity-helps",
      statement: "The noise of mini-batches is a computational benefit and saves training data.",
    },
    { id: "training-size", statement: "More training data leave more information in the hidden layers." },
    {
      id: "last-layer-decides",
      statement: "The information of the last hidden layer sets accuracy and sample complexity.",
    },
    { id: "generalises-without-compression", statement: "Nets can generalise well without compressing." },
    { id: "hidden-layers", statement: "More hidden layers need far fewer epochs." },
    {
      id: "relaxation-law",
      statement: "A layer’s time to compress grows exponentially with how much it compresses.",
      apart: ["relaxation-super-linear"],
    },
    {
      id: "capacity-equalisation",
      statement: "The signal-to-noise ratio of the gradient is roughly the same in all layers.",
    },
    { id: "only-relevant-flows", statement: "In the end only I(X;Y) flows through the net." },
    {
      id: "gradient-covariance",
      statement: "Gradients fluctuate little in relevant directions and much in irrelevant ones.",
    },
    { id: "weights-gibbs", statement: "Weights settle to a local Gibbs distribution." },
    {
      id: "gibbs-encoder-is-ib",
      statement: "Weights of a Gibbs distribution give the encoder of the information bottleneck.",
    },
    { id: "ib-optimal-layers", statement: "Layers converge to the bound of the information bottleneck." },
    { id: "successive-refinement", statement: "Layers approximate successively refinable codes." },
    {
      id: "critical-points",
      statement: "Layers settle near bifurcations of the bottleneck curve and slow down there.",
    },
    { id: "distinct-phases", statement: "Layers sit in different topological phases of the bottleneck." },
    { id: "second-order", statement: "The transitions on the bottleneck curve are of second order." },
    {
      id: "weights-from-splits",
      statement: "Weights are sums, over splits of the representation, of the change of log p(x|t).",
    },
    { id: "forgets-irrelevant", statement: "Features that carry no information on the label are forgotten." },
    {
      id: "not-invariant",
      statement: "Estimates of information change under invertible maps, though information does not.",
    },
    { id: "fluctuations-inform", statement: "The fluctuations of mini-batch gradients carry information." },
    { id: "deterministic-trivial", statement: "The information bottleneck is trivial for deterministic rules." },
    {
      id: "encrypted-patterns",
      statement:
        "Information measures cannot see structure, and deterministic rules without structure cannot be learnt.",
    },
    { id: "compressible-rules", statement: "Deep learning is good at stochastic rules that can be compressed." },
    { id: "problem-sets-location", statement: "The problem decides where layers settle in the plane." },
    { id: "decoder-to-encoder", statement: "Complexity shifts from the decoder to the encoder as layers go up." },
    { id: "mi-concentration", statement: "Information concentrates as problems grow." },
    { id: "typical-partition", statement: "A typical partition has about 2 to the power of I cells." },
    {
      id: "compression-bound",
      statement: "Input compression bounds generalisation: K bits are worth 2 to the power of K times the examples.",
    },
    { id: "distortion-bounds-error", statement: "A small distortion in the bottleneck means a small error." },
    { id: "full-layers-not-neurons", statement: "Whole layers have a meaning; single neurons do not." },
    { id: "finite-precision", statement: "That layers can be inverted does not survive small noise." },
    { id: "binning-harmless", statement: "Binning at the actual resolution does not change performance." },
    { id: "relu-compresses", statement: "Layers of ReLU compress too." },
    { id: "not-saturation", statement: "Compression does not come from saturated units." },
    { id: "many-optima", statement: "There are exponentially many optimal solutions." },
    { id: "committee", statement: "The picture holds for a committee machine." },
    { id: "mnist-cnn", statement: "The picture holds for a convolutional net of ReLU on MNIST." },
    { id: "cifar-cnn", statement: "The picture holds for a convolutional net of ReLU on CIFAR-10." },
    { id: "cifar-widths", statement: "The picture holds where widths do not decrease; note the last hidden layer." },
    { id: "estimator-choice", statement: "Binning, noise and parametric estimates agree." },
  ],
  untestable: [
    {
      statement: "The theory began with speech.",
      reason: "It is history: no net can be trained to test it.",
    },
    {
      statement: "Biology works by the same principle.",
      reason: "It needs measurements of living things; here are nets alone.",
    },
    {
      statement: "Symmetry makes models that can be solved.",
      reason: "It is a programme for theory: it predicts no number that nets could miss.",
    },
  ],
};
