import type { Activation, Initialiser } from "./architecture.ts";
import type { TfjsBackend } from "./deep_net.ts";
import type { JsonObject } from "./tensor.ts";

/** How a tensor of a tfjs model starts: drawn around `centre` (0 unless told), constant, or a multiple of the identity. */
export type ParameterInitialiser =
  | Initialiser & { readonly centre?: number }
  | { readonly distribution: "constant"; readonly value: number }
  | { readonly distribution: "identity"; readonly gain: number };

/** A tensor of parameters of a tfjs model. */
export interface ModelParameter {
  /** Name of its layer. */
  readonly layer: string;
  /** Its name within the layer: `kernel`, `bias`, `gamma`, … */
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  /** What it starts from. */
  readonly initialiser: ParameterInitialiser;
  /** False for what the layer itself keeps, such as moving averages, and for frozen layers. */
  readonly learned: boolean;
}

/** A layer of a tfjs model whose activations are handed out. */
export interface ModelTap {
  /** Name of the layer. */
  readonly name: string;
  /** Shape of its output, without the axis over examples. */
  readonly shape: readonly number[];
  /** What bounds its values. */
  readonly activation: Activation | "unknown";
}

/** A tfjs LayersModel as data, made by `modelNet()` of `@infoplane/core/tfjs`; whoever has it can build the net again. */
export interface ModelNetDescription {
  /** A net for the tfjs engine, given by its topology. */
  readonly kind: "model";
  /** Shape of one input without the axis over examples. */
  readonly inputShape: readonly number[];
  /** What `model.toJSON()` gives. */
  readonly topology: JsonObject;
  /** Layers whose activations are handed out; the last is the output. */
  readonly taps: readonly ModelTap[];
  /** Its tensors, in the order in which trajectories hold them. */
  readonly parameters: readonly ModelParameter[];
  /** Where it is trained: `wasm` unless told. */
  readonly backend?: TfjsBackend;
}
