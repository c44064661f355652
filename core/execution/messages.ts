import type { Activation, Net, NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Estimate } from "../contracts/estimator.ts";
import type { ItemKind } from "../contracts/plugin.ts";
import type { RecordedNetDescription } from "../contracts/recorded.ts";
import type { ProfileName, Projection, Study, Training, Transform } from "../contracts/study.ts";
import type { Arithmetic, Json, JsonObject, Tensor } from "../contracts/tensor.ts";
import type { ProblemFacts } from "../contracts/bundle.ts";
import type { Resampling } from "../measuring/resampling.ts";
import type { PackedRows } from "./columns.ts";

/** A plugin's item with its options after defaults. */
export interface Resolved {
  readonly id: string;
  readonly options: JsonObject;
}

/** Where the slot takes a dataset from: its own plugin, or the parts of the message. */
export type DataSource =
  | { readonly from: "plugin"; readonly dataset: Resolved }
  | { readonly from: "parts"; readonly shape: PackedDataset };

/** Identifies the chance of a replicate. */
export interface Chance {
  readonly seed: number;
  readonly replicate: number;
}

/** What `options` answers: options after defaults, and whether an estimator then measures with the scale of the last snapshot. */
export interface ReadOptions {
  readonly options: JsonObject;
  readonly usesReference: boolean;
}

/** What the host asks of a slot. Binary operands travel as the frame's parts. */
export type Request =
  | { readonly verb: "describe" }
  | { readonly verb: "options"; readonly kind: ItemKind; readonly item: string; readonly options: Json }
  | { readonly verb: "fingerprint"; readonly kind: "dataset" | "architecture"; readonly item: Resolved }
  | {
    readonly verb: "dataset";
    readonly dataset: Resolved;
    readonly chance: Chance;
    /** Sends the shape of the inputs without their data, which can be hundreds of megabytes. */
    readonly withoutInputs?: true;
  }
  | {
    readonly verb: "build";
    readonly architecture: Resolved;
    readonly inputShape: readonly number[];
    readonly classes: number;
    readonly rows: number;
  }
  | {
    readonly verb: "train";
    readonly net: Net;
    readonly data: DataSource;
    readonly training: Training;
    readonly chance: Chance;
    /** True if the last part is a checkpoint to go on from. */
    readonly resumes: boolean;
    /** Checkpoints are sent when so many seconds have passed since the last. */
    readonly checkpointSeconds: number;
  }
  | {
    readonly verb: "replay";
    readonly architecture: Resolved;
    readonly net: NetDescription | RecordedNetDescription;
    readonly data: DataSource;
    readonly training: Training;
    readonly epochs: readonly number[];
    readonly chance: Chance;
  }
  | {
    readonly verb: "measure";
    readonly net: Net;
    readonly data: DataSource;
    readonly estimator: string;
    readonly settings: readonly JsonObject[];
    readonly epochs: readonly number[];
    readonly on: "all" | "train" | "test";
    readonly probes?: number;
    readonly transform?: Transform;
    readonly projection?: Projection;
    readonly chance: Chance;
  }
  | { readonly verb: "prepare"; readonly analysis: Resolved; readonly data: DataSource; readonly chance: Chance }
  | {
    readonly verb: "map";
    readonly analysis: Resolved;
    readonly prepared: Json;
    readonly net: Net;
    readonly training: Training;
    readonly data: DataSource;
    readonly arm: string;
    readonly trial: string;
    readonly epochs: readonly number[];
    readonly chance: Chance;
  }
  | {
    readonly verb: "rows";
    readonly study: Study;
    readonly profile: ProfileName;
    readonly problems: readonly ProblemFacts[];
    readonly tables: {
      readonly trials: PackedRows;
      readonly estimates: PackedRows;
      readonly series: PackedRows;
      readonly points: PackedRows;
    };
  }
  | { readonly verb: "reduce"; readonly analysis: Resolved; readonly prepared: { readonly [arm: string]: Json } }
  | {
    readonly verb: "estimate";
    readonly estimator: Resolved;
    readonly activations: PackedTensor;
    readonly inputs?: PackedTensor;
    readonly activation: Activation | "unknown";
    readonly classes: number;
    readonly exactJoint: boolean;
    readonly layer: number;
    readonly resampling?: Resampling;
  }
  | {
    readonly verb: "conform";
    readonly kind: ItemKind;
    /** Without options if it has no default for all, and none were given. */
    readonly item: { readonly id: string; readonly options: JsonObject | null };
    readonly check: string;
  };

/** An item of a plugin, as the host knows it: everything but its code. */
export interface ItemDescription {
  readonly kind: ItemKind;
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: number;
  readonly arithmetic: Arithmetic;
  /** JSON Schema of the options, if the plugin's schema library gives one. */
  readonly options: JsonObject | null;
  /** An estimator's claims; what an analysis needs, whether it maps or prepares; whether an item has a fingerprint. */
  readonly extra: JsonObject;
}

/** What `describe` answers. */
export interface PluginDescription {
  readonly name: string;
  readonly version: string;
  readonly api: number;
  readonly items: readonly ItemDescription[];
}

/** Type and shape of an array whose bytes are a part. */
export interface PackedTensor {
  readonly type: "u8" | "f32" | "f64";
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** A dataset whose arrays are parts: inputs, labels, train, test, and p(x), p(y|x) if there is a joint. */
export interface PackedDataset {
  readonly inputs: PackedTensor;
  readonly classes: number;
  readonly joint: boolean;
  readonly ixyBits?: number;
}

/** Estimates by setting, snapshot and layer 1…K. */
export type MeasuredEstimates = readonly (readonly (readonly Estimate[])[])[];

/** Bytes of a typed array, not copied. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Describes a tensor; its bytes are the part beside it. */
export function packTensor(tensor: Tensor): { packed: PackedTensor; part: Uint8Array } {
  const { data, shape, scale = 1, offset = 0 } = tensor;
  const type = data instanceof Uint8Array ? "u8" : data instanceof Float32Array ? "f32" : "f64";
  return { packed: { type, shape, scale, offset }, part: bytesOf(data) };
}

/** The tensor again, over bytes of its own. */
export function unpackTensor({ type, shape, scale, offset }: PackedTensor, part: Uint8Array): Tensor {
  const { buffer } = part.slice();
  const data = type === "u8"
    ? new Uint8Array(buffer)
    : type === "f32"
    ? new Float32Array(buffer)
    : new Float64Array(buffer);
  return { data, shape, scale, offset };
}

/** A dataset as a header and parts. */
export function packDataset(dataset: LoadedDataset): { packed: PackedDataset; parts: Uint8Array[] } {
  const { packed: inputs, part } = packTensor(dataset.inputs);
  const parts = [part, ...[dataset.labels, dataset.splits.train, dataset.splits.test].map(bytesOf)];
  if (dataset.joint) parts.push(bytesOf(dataset.joint.px), bytesOf(dataset.joint.pyx));
  const { classes, ixyBits } = dataset;
  return { packed: { inputs, classes, joint: dataset.joint !== undefined, ixyBits }, parts };
}

/** The dataset again. */
export function unpackDataset(packed: PackedDataset, parts: readonly Uint8Array[]): LoadedDataset {
  const own = parts.slice(1).map((part) => part.slice().buffer);
  return {
    inputs: unpackTensor(packed.inputs, parts[0]),
    labels: new Uint8Array(own[0]),
    classes: packed.classes,
    splits: { train: new Uint32Array(own[1]), test: new Uint32Array(own[2]) },
    joint: packed.joint ? { px: new Float64Array(own[3]), pyx: new Float64Array(own[4]) } : undefined,
    ixyBits: packed.ixyBits,
  };
}

/** How many parts a packed dataset takes. */
export function partsOf(packed: PackedDataset): number {
  return packed.joint ? 6 : 4;
}
