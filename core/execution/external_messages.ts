/**
 * Messages of protocol infoplane.external/1, which core/EXTERNAL.md describes.
 *
 * @module
 */
import type { Estimate, Quantity, Sample } from "../contracts/estimator.ts";
import type { Json, JsonObject, Tensor } from "../contracts/tensor.ts";
import { whyNoEstimate } from "../measuring/answers.ts";
import { writeNpy } from "../store/npy.ts";

/** Name and version of the protocol, which both sides say. */
export const EXTERNAL_PROTOCOL = "infoplane.external/1";

/** What is asked of a program. */
export interface Question {
  /** Id of the estimator, for programs that serve several. */
  readonly estimator: string;
  readonly options: JsonObject;
  readonly sample: Sample;
  /** Where the program's chance starts, an integer in [0, 2^31). */
  readonly seed: number;
}

/** A request: a line of JSON, then the arrays it lists as .npy, one behind the other. */
export function encodeQuestion(id: number, { estimator, options, sample, seed }: Question): Uint8Array<ArrayBuffer> {
  const { layer, meta, activations, labels, joint, inputs, reference } = sample;
  const arrays = Object.entries({
    activations: npyOf(activations),
    labels: writeNpy({ data: labels, shape: [meta.n] }),
    px: joint && writeNpy({ data: joint.px, shape: [meta.n] }),
    pyx: joint && writeNpy({ data: joint.pyx, shape: [meta.n, meta.classes] }),
    inputs: inputs && npyOf(inputs),
    reference: reference && npyOf(reference),
  }).flatMap(([name, bytes]) => bytes ? [{ name, bytes }] : []);
  const head = {
    protocol: EXTERNAL_PROTOCOL,
    id,
    estimator,
    options,
    layer,
    meta,
    seed,
    arrays: arrays.map(({ name, bytes }) => ({ name, bytes: bytes.length })),
  };
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  const message = new Uint8Array(line.length + arrays.reduce((sum, { bytes }) => sum + bytes.length, 0));
  message.set(line);
  let at = line.length;
  for (const { bytes } of arrays) {
    message.set(bytes, at);
    at += bytes.length;
  }
  return message;
}

/** The first line of a program: what it is, or why it cannot serve on this machine. */
export type Hello = { readonly program: string } | { readonly unavailable: string };

/**
 * Reads the first line.
 *
 * @throws {TypeError} If it is none, or of another version.
 */
export function readHello(line: string): Hello {
  const { protocol, program, unavailable } = readObject(line);
  if (protocol !== EXTERNAL_PROTOCOL) {
    throw new TypeError(`it must begin with protocol "${EXTERNAL_PROTOCOL}": it said ${quoted(line)}`);
  }
  if (typeof unavailable === "string" && unavailable !== "") return { unavailable };
  if (typeof program === "string" && program !== "") return { program };
  throw new TypeError(`it must say which program it is: it said ${quoted(line)}`);
}

/**
 * Reads a line of an answer: how much is done, or an estimate under the names of columns, `ixt_bits` and its kin.
 *
 * @param program What stands in the diagnostics of each estimate.
 * @throws {TypeError} If it is neither, or of another request.
 */
export function readAnswer(line: string, id: number, program: string): number | Estimate {
  const answer = readObject(line);
  if (answer.id !== id) throw new TypeError(`it must answer request ${id}: it said ${quoted(line)}`);
  const { progress } = answer;
  if (typeof progress === "number") return progress;
  const estimate = estimateOf(answer, program);
  const why = whyNoEstimate(estimate);
  return why === undefined ? estimate : { status: "failed", reason: `${program} ${why}` };
}

function estimateOf(answer: { readonly [name: string]: Json | undefined }, program: string): Estimate {
  const { status, reason, cells, alone, saturated, labels, diagnostics } = answer;
  if (status !== "measured") return { status, reason } as Estimate;
  return {
    status,
    ixt: quantityOf(answer.ixt_bits, answer.ixt_low_bits, answer.ixt_high_bits),
    ity: quantityOf(answer.ity_bits, answer.ity_low_bits, answer.ity_high_bits),
    ceilingBits: answer.ceiling_bits ?? null,
    ...given({ cells, alone, saturated, labels, reason }),
    diagnostics: { ...diagnostics as JsonObject | undefined, program },
  } as Estimate;
}

function quantityOf(bits: Json | undefined, low: Json | undefined, high: Json | undefined): Quantity | null {
  return bits === undefined || bits === null ? null : { bits, ...given({ low, high }) } as Quantity;
}

/** The entries that are there; null is how other languages say that nothing is. */
function given(entries: { readonly [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined && value !== null),
  ) as JsonObject;
}

function npyOf({ data, shape, scale = 1, offset = 0 }: Tensor): Uint8Array<ArrayBuffer> {
  const plain = scale === 1 && offset === 0;
  return writeNpy({ data: plain ? data : Float64Array.from(data, (value) => value * scale + offset), shape });
}

function readObject(line: string): { readonly [name: string]: Json | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch { /* said below */ }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(`it must say one JSON object a line: it said ${quoted(line)}`);
  }
  return value as { readonly [name: string]: Json | undefined };
}

function quoted(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
