import type { Context } from "./context.ts";
import type { DeepNetDescription } from "./deep_net.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { ModelNetDescription } from "./model_net.ts";
import type { OptionsSchema } from "./options.ts";
import type { RecordedNetDescription } from "./recorded.ts";

/** What a unit does with its weighted sum. */
export type Activation = "tanh" | "relu" | "leaky-relu" | "sigmoid" | "softplus" | "linear" | "softmax";

/** How the weights of a layer are drawn; σ before truncation at two σ. */
export type Initialiser =
  | { readonly distribution: "truncated-normal"; readonly sigma: number }
  | { readonly distribution: "normal"; readonly sigma: number }
  | { readonly distribution: "uniform"; readonly limit: number };

/** A fully connected layer. */
export interface DenseLayerDescription {
  /** Kind of layer. */
  readonly kind: "dense";
  /** Names the layer in rows and on pages. */
  readonly name: string;
  /** Number of units, >= 1. */
  readonly units: number;
  /** What its units do with their weighted sums. */
  readonly activation: Activation;
  /** Slope of a leaky ReLU below 0, in (0, 1). Default 0.01. */
  readonly slope?: number;
  /** True if the layer adds its input to its output: h = f(Wx + b) + x. Needs as many units as inputs. */
  readonly residual?: boolean;
  /**
   * b from 1 to 16: each activation, tanh or sigmoid, becomes the middle of one of 2^b equal cells of its range, so that the layer
   * itself takes finitely many values. Errors pass through unchanged.
   */
  readonly quantisedBits?: number;
  /**
   * σ > 0 of Gaussian noise that is added to the output of each unit last, drawn anew for every input and pass, in training as in measuring;
   * none unless told. The output of the net has none.
   */
  readonly noise?: number;
  /** How its weights are drawn. */
  readonly weights: Initialiser;
  /** The constant every bias starts from. */
  readonly bias: number;
}

/** One layer as data. */
export type LayerDescription = DenseLayerDescription;

/**
 * The lowest layers of a net that no update moves. `random`: they keep the weights the replicate draws for them. `trained`: the same net,
 * with nothing frozen, is first trained from those weights for so many epochs in the same manner, and they keep what it ends with. The
 * layers above them start from other weights than that net did, the same ones in either case.
 */
export type FrozenLayers =
  | {
    /** How many, at least 1. */
    readonly layers: number;
    /** Where their weights come from. */
    readonly from: "random";
  }
  | {
    /** How many, at least 1. */
    readonly layers: number;
    /** Where their weights come from. */
    readonly from: "trained";
    /** Epochs for which the net they come from is trained. */
    readonly epochs: number;
  };

/** A fully connected net as data, which the dense engine trains. */
export interface NetDescription {
  /** A net of dense layers, each on the one before. */
  readonly kind: "layers";
  /** Shape of one input, without the axis over examples. */
  readonly inputShape: readonly number[];
  /** Layers 1…K; the last is the softmax over the classes, or one sigmoid unit that gives p(y = 1) of two. */
  readonly layers: readonly LayerDescription[];
  /** Layers that are not trained; fewer than all. */
  readonly frozen?: FrozenLayers;
  /** Of parameters, activations and data; float32 unless told. */
  readonly precision?: "float32" | "float64";
}

/** A net as data, which the core trains with the engine that fits, or whose activations were recorded. */
export type Net = NetDescription | DeepNetDescription | ModelNetDescription | RecordedNetDescription;

/** A family of nets. */
export interface Architecture<Options = unknown, Built extends Net = Net> {
  /** kebab-case; third parties prefix their namespace. */
  readonly id: string;
  /** Name in lists. */
  readonly title: string;
  /** What family of nets it is, and its source. */
  readonly description: string;
  /** An integer that enters keys: raise it when the same options give another net. */
  readonly version: number;
  /** Schema of its options. */
  readonly options: OptionsSchema<Options>;
  /** Names the files read, for architectures that read any; items without it keep their keys. */
  fingerprint?(options: Options, ctx: Context): Fingerprint | Promise<Fingerprint>;
  /** The net for inputs of this shape and this number of classes; pure. */
  build(inputShape: readonly number[], classes: number, options: Options): Built;
}

/** Names an architecture and keeps the type of its options. */
export function defineArchitecture<Options, Built extends Net>(
  architecture: Architecture<Options, Built>,
): Architecture<Options, Built> {
  return architecture;
}
