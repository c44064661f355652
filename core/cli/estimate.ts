import { readFileSync } from "node:fs";
import type { Activation } from "../contracts/architecture.ts";
import type { Estimate } from "../contracts/estimator.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { bytesOf, packTensor } from "../execution/messages.ts";
import { fromUser } from "../execution/paths.ts";
import { plain, resolveItem } from "../pipeline/plan.ts";
import { canonical } from "../store/canonical.ts";
import { type NpyArray, readNpy } from "../store/npy.ts";
import { readEstimatorArgument } from "./setting.ts";
import { columns } from "./text.ts";
import { type CommonOptions, openWorkspace } from "./workspace.ts";

type RealArray = NpyArray & { readonly data: Float32Array | Float64Array };

/** Activations, labels, p(y|x) and inputs as files gave them, fitted together. */
interface Measured {
  readonly activations: RealArray;
  readonly n: number;
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly inputs?: RealArray;
  readonly joint?: { readonly px: Float64Array; readonly pyx: Float64Array };
}

/** `estimate`: I(X;T) and I(T;Y) of activations in a file. */
export async function estimate(
  options: CommonOptions & {
    activations: string;
    labels: string;
    pyx?: string;
    inputs?: string;
    estimator?: string[];
    activation?: Activation;
  },
): Promise<void> {
  const measured = readMeasured(options);
  const named = options.estimator?.map(readEstimatorArgument);
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
  const every = workspace.catalogue.items.filter(({ kind }) => kind === "estimator");
  const wanted = named ?? every.map(({ id }) => ({ id, options: {} }));
  const rows = [];
  try {
    for (const { id, options: given } of wanted) {
      const item = await resolveItem(workspace.catalogue.find("estimator", id), given, workspace.slots);
      const { packed, part } = packTensor(measured.activations);
      const inputs = measured.inputs && packTensor(measured.inputs);
      const parts = [part, measured.labels];
      if (inputs) parts.push(inputs.part);
      if (measured.joint) parts.push(bytesOf(measured.joint.px), bytesOf(measured.joint.pyx));
      const { value } = await workspace.slots.ask(item.source, {
        verb: "estimate",
        estimator: plain(item),
        activations: packed,
        ...(inputs ? { inputs: inputs.packed } : {}),
        activation: options.activation ?? "unknown",
        classes: measured.classes,
        exactJoint: measured.joint !== undefined,
        layer: 1,
      }, parts);
      rows.push(rowOf(id, canonical(item.options), value as Estimate, measured));
    }
  } finally {
    workspace.close();
  }
  if (options.json) console.log(JSON.stringify({ format: "infoplane.estimate/1", rows }, null, 2));
  else {
    const shown = (bits: number | null) => bits === null ? "" : bits.toFixed(6);
    const head = ["estimator", "setting", "I(X;T) bits", "I(T;Y) bits", "ceiling bits", "status"];
    const body = rows.map((row) => [
      row.estimator,
      row.setting,
      shown(row.ixt_bits),
      shown(row.ity_bits),
      shown(row.ceiling_bits),
      row.reason ? `${row.status}: ${row.reason}` : row.status,
    ]);
    for (const line of columns([head, ...body])) console.log(line);
  }
  const failed = rows.find(({ status }) => status === "failed");
  if (failed) {
    throw new Problem(`Cannot estimate with "${failed.estimator}": ${failed.reason}`, EXIT.usage);
  }
}

function rowOf(estimator: string, setting: string, found: Estimate, { n, joint }: Measured) {
  const measured = found.status === "measured" ? found : undefined;
  return {
    estimator,
    setting,
    n,
    labels: joint ? "exact" : "sampled",
    ixt_bits: measured?.ixt?.bits ?? null,
    ixt_low_bits: measured?.ixt?.low ?? null,
    ixt_high_bits: measured?.ixt?.high ?? null,
    ity_bits: measured?.ity?.bits ?? null,
    ity_low_bits: measured?.ity?.low ?? null,
    ity_high_bits: measured?.ity?.high ?? null,
    ceiling_bits: measured?.ceilingBits ?? null,
    cells: measured?.cells ?? null,
    alone: measured?.alone ?? null,
    saturated: measured?.saturated ?? null,
    diagnostics: measured?.diagnostics ?? null,
    status: found.status,
    reason: found.reason ?? null,
  };
}

function readMeasured(options: { activations: string; labels: string; pyx?: string; inputs?: string }): Measured {
  const activations = readReals(options.activations, "activations", "unit");
  const { shape } = activations;
  if (shape.length !== 2 || shape[0] < 1 || shape[1] < 1) {
    throw new Problem(
      `Cannot estimate from ${options.activations} as activations must be [n, units]: they are [${shape}]`,
    );
  }
  const [n] = shape;
  const labels = readLabels(options.labels, n);
  let classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  let joint: Measured["joint"];
  if (options.pyx) {
    const pyx = readArray(options.pyx);
    if (pyx.shape.length !== 2 || pyx.shape[0] !== n || pyx.shape[1] < classes) {
      throw new Problem(
        `Cannot estimate with ${options.pyx} as p(y|x) must be [${n}, >= ${classes}]: it is [${pyx.shape}]`,
      );
    }
    classes = pyx.shape[1];
    joint = { px: new Float64Array(n).fill(1 / n), pyx: Float64Array.from(pyx.data as Iterable<number>) };
    for (let row = 0; row < n; row++) {
      const p = joint.pyx.subarray(row * classes, (row + 1) * classes);
      const sum = p.reduce((a, b) => a + b, 0);
      if (!(Math.abs(sum - 1) < 1e-6) || p.some((value) => !(value >= 0))) {
        throw new Problem(
          `Cannot estimate with ${options.pyx} as p(y|x) must sum to 1: row ${row} is [${[...p].join(", ")}]`,
        );
      }
    }
  }
  const inputs = options.inputs === undefined ? undefined : readReals(options.inputs, "inputs", "feature");
  if (inputs && !(inputs.shape[0] === n && inputs.data.length > 0)) {
    throw new Problem(
      `Cannot estimate with ${options.inputs} as there must be ${n} inputs, one a row: the shape is [${inputs.shape}]`,
    );
  }
  return { activations, n, labels, classes: Math.max(classes, 2), joint, inputs };
}

/** An array of finite numbers, f32 as it stands and all else in f64. */
function readReals(path: string, what: string, column: string): RealArray {
  const given = readArray(path);
  const data = given.data instanceof Float32Array ? given.data : Float64Array.from(given.data as Iterable<number>);
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const columns = data.length / given.shape[0];
    const at = `row ${Math.floor(odd / columns)}, ${column} ${odd % columns}`;
    throw new Problem(`Cannot estimate from ${path} as ${what} must be finite: ${at} is ${data[odd]}`);
  }
  return { ...given, data };
}

function readLabels(path: string, n: number): Uint8Array {
  const { data, shape } = readArray(path);
  if (data.length !== n || shape.filter((size) => size !== 1).length > 1) {
    throw new Problem(`Cannot estimate with ${path} as there must be ${n} labels, one a row: the shape is [${shape}]`);
  }
  return Uint8Array.from(data as Iterable<number>, (label, row) => {
    if (!Number.isInteger(label) || label < 0 || label > 255) {
      throw new Problem(
        `Cannot estimate with ${path} as labels must be integers from 0 to 255: label ${row} is ${label}`,
      );
    }
    return label;
  });
}

function readArray(path: string): NpyArray {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(fromUser(path));
  } catch (error) {
    const code = (error as { code?: string }).code;
    throw new Problem(`Cannot read ${path}: ${code === "ENOENT" ? "there is no such file" : (error as Error).message}`);
  }
  return readNpy(bytes, path);
}
