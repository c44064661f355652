import type { Activation, Initialiser } from "./architecture.ts";

/**
 * Where tfjs trains a net: its WebAssembly build on one thread, whose numbers repeat to the byte; a graphics card; or plain
 * JavaScript. Nets are measured on wasm, wherever they were trained.
 */
export type TfjsBackend = "wasm" | "webgpu" | "cpu";

/**
 * What trains and measures a net of layers: tfjs on one of its backends, or `kernels`, our own WebAssembly, whose numbers are the same
 * on every machine and several times sooner there; it has no dropout, no batch norm and no residual dense layers. It alone has
 * quantised layers.
 */
export type DeepBackend = "kernels" | TfjsBackend;

/** Extent along height and width; one number stands for both. */
export type Extent2d = number | readonly [height: number, width: number];

/** Whether windows stay inside the image (`valid`), or zeros around it keep ⌈extent / stride⌉ of them (`same`). */
export type Padding = "valid" | "same";

/** A convolution over [height, width, channels], as a cross-correlation, with a bias for each filter. */
export interface Conv2dLayerDescription {
  /** Kind of layer. */
  readonly kind: "conv2d";
  /** Names the layer in rows and on pages; unique in its net. */
  readonly name: string;
  /** Channels it gives, >= 1. */
  readonly filters: number;
  /** Extent of a filter. */
  readonly kernelSize: Extent2d;
  /** Steps between windows; 1 unless told. */
  readonly strides?: Extent2d;
  /** `valid` unless told. */
  readonly padding?: Padding;
  /** What its units do with their weighted sums. */
  readonly activation: Activation;
  /**
   * b from 1 to 16: the activation, tanh or sigmoid, becomes the middle of one of 2^b equal cells of its range. The error passes
   * through as if it had not (the straight-through estimator; Bengio, Léonard and Courville, arXiv:1308.3432). Of nets that the
   * kernels train.
   */
  readonly quantisedBits?: number;
  /** How its weights, [height, width, channels in, filters], are drawn. */
  readonly weights: Initialiser;
  /** The constant every bias starts from. */
  readonly bias: number;
}

/** The largest value (`maxPool2d`) or the mean (`averagePool2d`) of each window, channel by channel. */
export interface Pool2dLayerDescription {
  /** Kind of layer. A mean leaves padding out. */
  readonly kind: "maxPool2d" | "averagePool2d";
  /** Names the layer. */
  readonly name: string;
  /** Extent of a window. */
  readonly poolSize: Extent2d;
  /** Steps between windows; `poolSize` unless told. */
  readonly strides?: Extent2d;
  /** `valid` unless told. */
  readonly padding?: Padding;
}

/** Makes one axis of all, row-major. */
export interface FlattenLayerDescription {
  /** Kind of layer. */
  readonly kind: "flatten";
  /** Names the layer. */
  readonly name: string;
}

/** A fully connected layer over one axis. */
export interface DeepDenseLayerDescription {
  /** Kind of layer. */
  readonly kind: "dense";
  /** Names the layer in rows and on pages; unique in its net. */
  readonly name: string;
  /** Number of units, >= 1. */
  readonly units: number;
  /** What its units do with their weighted sums. */
  readonly activation: Activation;
  /** If true the layer gives x + σ(xW + b) instead of σ(xW + b): it must have as many units as inputs. */
  readonly residual?: boolean;
  /**
   * b from 1 to 16: the activation, tanh or sigmoid, becomes the middle of one of 2^b equal cells of its range. The error passes
   * through as if it had not (the straight-through estimator; Bengio, Léonard and Courville, arXiv:1308.3432). Of nets that the
   * kernels train; neither of a residual layer nor of the last.
   */
  readonly quantisedBits?: number;
  /** How its weights, [in, out], are drawn. */
  readonly weights: Initialiser;
  /** The constant every bias starts from. */
  readonly bias: number;
}

/** In training sets each activation to zero with probability `rate` and divides the others by 1 − rate. */
export interface DropoutLayerDescription {
  /** Kind of layer. */
  readonly kind: "dropout";
  /** Names the layer; its masks are drawn by this name. */
  readonly name: string;
  /** Probability in [0, 1). */
  readonly rate: number;
}

/**
 * γ (x − mean) / √(variance + ε) + β over the last axis (Ioffe & Szegedy 2015): in training with the batch's mean and variance
 * (divided by n), otherwise with moving averages of them.
 */
export interface BatchNormLayerDescription {
  /** Kind of layer. */
  readonly kind: "batchNorm";
  /** Names the layer. */
  readonly name: string;
  /** A moving average keeps this share at each step; 0.99 unless told. */
  readonly momentum?: number;
  /** ε; 0.001 unless told. */
  readonly epsilon?: number;
  /** Applied to what is normalised; linear unless told. */
  readonly activation?: Activation;
}

/** Adds the output of an earlier layer to that of the layer before: a residual connection. */
export interface AddLayerDescription {
  /** Kind of layer. */
  readonly kind: "add";
  /** Names the layer. */
  readonly name: string;
  /** Name of the earlier layer; its output must have the same shape. */
  readonly from: string;
  /** Applied to the sum; linear unless told. */
  readonly activation?: Activation;
}

/** One layer of a deep net as data. */
export type DeepLayerDescription =
  | Conv2dLayerDescription
  | Pool2dLayerDescription
  | FlattenLayerDescription
  | DeepDenseLayerDescription
  | DropoutLayerDescription
  | BatchNormLayerDescription
  | AddLayerDescription;

/** A net of convolutions, pools, dense layers and residual connections. */
export interface DeepNetDescription {
  /** A net given as a list of layers. */
  readonly kind: "deep";
  /** Shape of one input without the axis over examples: [d], or [height, width, channels]. */
  readonly inputShape: readonly number[];
  /** From the input up, each on the one before. The last is dense: a softmax over classes, or one sigmoid unit, p(class 1). */
  readonly layers: readonly DeepLayerDescription[];
  /** Names of layers whose activations are handed out, from the input up to the last; every conv2d and dense layer unless told. */
  readonly taps?: readonly string[];
  /** What trains it: tfjs on `wasm` unless told. */
  readonly backend?: DeepBackend;
}
