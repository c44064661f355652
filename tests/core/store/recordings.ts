import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeNpy } from "../../../core/store/npy.ts";
import { writeSafetensors } from "../../../core/store/safetensors.ts";

/** Folder of the recordings that PyTorch made. */
export const IRISES = join(import.meta.dirname!, "..", "..", "fixtures", "recorded");

type Manifest = Record<string, unknown>;

/** Two layers over three rows of two inputs, one run of two epochs: what the manifests below start from. */
export const SMALL: Manifest = {
  format: "infoplane.run-recording/1",
  source: "a test",
  layers: [{ name: "a", units: 3, activation: "tanh" }, { name: "b", units: 2, activation: "softmax" }],
  records: "weights",
  layout: "out-in",
  runs: [{ epochs: [0, 5], files: "e{epoch}.safetensors" }],
};

/** Weights of {@link SMALL} at an epoch, [out, in]. */
export function smallWeights(epoch: number): [string, { data: Float32Array; shape: number[] }][] {
  const tensor = (shape: number[], from: number) => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (from + i - 3) / 8 + epoch),
    shape,
  });
  return [
    ["a.weight", tensor([3, 2], 0)],
    ["a.bias", tensor([3], 6)],
    ["b.weight", tensor([2, 3], -2)],
    ["b.bias", tensor([2], 4)],
  ];
}

/** Files of {@link SMALL}. */
export function smallFiles(): Record<string, Uint8Array> {
  return Object.fromEntries([0, 5].map((epoch) => [`e${epoch}.safetensors`, writeSafetensors(smallWeights(epoch))]));
}

/** Writes a recording: a manifest, completed by the digests of the files unless it has some, and the files. */
export async function writeRecording(
  dir: string,
  manifest: Manifest,
  files: Record<string, Uint8Array> = smallFiles(),
): Promise<void> {
  const sha256: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(files)) {
    sha256[name] = createHash("sha256").update(bytes).digest("hex");
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), bytes);
  }
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "infoplane-run.json"), JSON.stringify({ sha256, ...manifest }));
}

/** The bytes of a .npy file of these numbers. */
export function npy(values: readonly number[], shape: readonly number[] = [values.length]): Uint8Array {
  return writeNpy({ data: Float32Array.from(values), shape });
}
