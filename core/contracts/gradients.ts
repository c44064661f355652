/**
 * The gradients of one layer over single examples, its weights [in, out] and biases [out] as one vector of d numbers.
 *
 * g_i is the gradient of example i's cross-entropy, in nats, with the label the net is trained on, without weight decay.
 */
export interface LayerGradients {
  /** m, the number of examples. */
  readonly examples: number;
  /** ḡ = (1/m) Σ g_i, nats per unit of weight, shape [d]: weights row-major, then biases. */
  readonly mean: Float64Array;
  /** ‖ḡ‖, nats per unit of weight. */
  readonly meanNorm: number;
  /** v = (1/m) Σ ‖g_i − ḡ‖², in squared nats per unit of weight; the mean of b examples drawn with replacement has variance v/b. */
  readonly variance: number;
  /** ‖W‖, weights and biases. */
  readonly weightNorm: number;
}

/** The gradients of one layer over the mini-batches of one epoch, all at the same weights. */
export interface BatchGradients {
  /** How many mini-batches; each weighs the same, the last one too if it is smaller. */
  readonly batches: number;
  /** Norm of the mean over batches, nats per unit of weight. */
  readonly meanNorm: number;
  /** Norm of the standard deviations over batches, parameter by parameter, nats per unit of weight; 0 for a single batch. */
  readonly deviationNorm: number;
}

/** Mean and covariance of the gradients of one layer over single examples. */
export interface GradientCovariance {
  /** m, the number of examples. */
  readonly examples: number;
  /** ḡ, nats per unit of weight, shape [d]: weights row-major [in, out], then biases [out]. */
  readonly mean: Float64Array;
  /** Σ = (1/m) Σ (g_i − ḡ)(g_i − ḡ)ᵀ, symmetric, row-major, shape [d, d]; its trace is {@link LayerGradients.variance}. */
  readonly covariance: Float64Array;
}

/** What second derivatives are taken over. */
export interface CurvatureScope {
  /** Layer 1…K whose block is meant, vectors holding its d numbers alone; the whole net if absent. */
  readonly layer?: number;
  /** Rows of the dataset; the training split if absent. */
  readonly rows?: Uint32Array;
}
