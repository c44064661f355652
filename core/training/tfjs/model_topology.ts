import type { Json, JsonObject } from "../../contracts/tensor.ts";

/** What every refusal of a model begins with. */
export const CANNOT_USE_MODEL = "Cannot use a tfjs model as";

/** A layer in what `model.toJSON()` gives. */
export interface TopologyLayer {
  readonly class_name: string;
  readonly config: { readonly name: string; readonly [option: string]: Json };
  /** Of a functional model: for each use of the layer, the layers it takes from. */
  readonly inbound_nodes?: readonly Json[];
}

/** Layers that compute the same for the same weights and inputs, and whose gradients are tested. */
const LAYERS: readonly string[] = [
  ...["InputLayer", "Dense", "Conv1D", "Conv2D", "Flatten", "Reshape", "Permute", "ZeroPadding2D", "UpSampling2D"],
  ...["MaxPooling1D", "GlobalAveragePooling1D", "MaxPooling2D", "AveragePooling2D"],
  ...["GlobalAveragePooling2D", "GlobalMaxPooling2D"],
  ...["Activation", "ReLU", "LeakyReLU", "ELU", "BatchNormalization", "LayerNormalization", "Dropout"],
  ...["Add", "Average", "Multiply", "Maximum", "Minimum", "Concatenate"],
];

/** The layers of a topology in the order in which it lists them. */
export function topologyLayers(topology: JsonObject): readonly TopologyLayer[] {
  const { layers } = (topology.config ?? {}) as { layers?: unknown };
  return (Array.isArray(layers) ? layers : []) as readonly TopologyLayer[];
}

/**
 * Refuses what a slot could not build again, or what would escape the study: layers of other code, layers used twice, seeds,
 * penalties and constraints.
 *
 * @throws {RangeError} Naming the layer, what must hold and what came.
 */
export function checkTopology(topology: JsonObject): void {
  const kind = topology.class_name;
  if (kind !== "Sequential" && kind !== "Model" && kind !== "Functional") {
    throw new RangeError(`${CANNOT_USE_MODEL} it must be sequential or functional: it is ${JSON.stringify(kind)}`);
  }
  const layers = topologyLayers(topology);
  if (layers.length === 0) throw new RangeError(`${CANNOT_USE_MODEL} it must have >= 1 layer: there is none`);
  for (const { class_name, config, inbound_nodes } of layers) {
    const subject = `${CANNOT_USE_MODEL} layer "${config?.name}"`;
    if (!LAYERS.includes(class_name)) {
      throw new RangeError(
        `${subject} must be one that can be built again without other code (${LAYERS.join(", ")}): it is ${class_name}`,
      );
    }
    if (inbound_nodes && inbound_nodes.length > 1) {
      throw new RangeError(`${subject} must be used once: it is used ${inbound_nodes.length} times`);
    }
    checkConfig(class_name, config, subject);
  }
}

function checkConfig(kind: string, config: TopologyLayer["config"], subject: string): void {
  for (const [option, value] of Object.entries(config)) {
    if (value === null) continue;
    if (option.endsWith("_regularizer")) {
      throw new RangeError(`${subject} must have no penalty, as weight decay is the study's: it has a ${option}`);
    }
    if (option.endsWith("_constraint")) throw new RangeError(`${subject} must be free: it has a ${option}`);
    const { seed } = ((value as JsonObject).config ?? {}) as { seed?: Json };
    if (option === "seed" || (option.endsWith("_initializer") && (seed ?? null) !== null)) {
      throw new RangeError(`${subject} must leave chance to the study: it has a seed of its own`);
    }
    if (option === "dtype" && value !== "float32") {
      throw new RangeError(`${subject} must compute in float32: it says ${JSON.stringify(value)}`);
    }
  }
  const dilation = [config.dilation_rate ?? 1].flat() as number[];
  if (dilation.some((rate) => rate !== 1)) {
    throw new RangeError(
      `${subject} must have windows without gaps, as tfjs has no gradient of the others: its dilation is ` +
        `[${dilation.join(", ")}]`,
    );
  }
  if (kind === "Dropout" && config.noise_shape !== null && config.noise_shape !== undefined) {
    throw new RangeError(`${subject} must drop each activation for itself: it has a noise_shape`);
  }
}
