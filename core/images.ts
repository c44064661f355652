/**
 * Datasets of labelled images with official training and test sets: {@link defineImages} turns a reader of the files into a dataset with
 * subsets, choices of classes, random labels and normalisation.
 *
 * @module
 */
import { z } from "zod";
import type { Context } from "./contracts/context.ts";
import { type Dataset, defineDataset, type LoadedDataset } from "./contracts/dataset.ts";
import type { OptionsSchema } from "./contracts/options.ts";
import { Problem } from "./contracts/problem.ts";
import type { Stream } from "./contracts/stream.ts";
import { shuffle } from "./random/mod.ts";

export type { Context } from "./contracts/context.ts";
export type { Dataset } from "./contracts/dataset.ts";
export { type IdxArray, readIdx } from "./store/idx.ts";
export { type OfficialFile, packagedFolder, readOfficial } from "./store/official.ts";

/** Images and their labels, in the order of the files. */
export interface LabelledImages {
  /** Pixels, row-major, shape [n, height, width, channels]. */
  readonly pixels: Uint8Array;
  /** Class of each, shape [n]. */
  readonly labels: Uint8Array;
}

/** A data set of images as its files have it. */
export interface ImageSource {
  /** kebab-case; third parties prefix their namespace. */
  readonly id: string;
  /** Name in lists. */
  readonly title: string;
  /** One or two sentences: what it is, and its source. */
  readonly description: string;
  /** What the images are licensed under, and what to cite. */
  readonly rights: string;
  /** Height, width and channels. */
  readonly shape: readonly [number, number, number];
  /** Name of each class. */
  readonly classes: readonly string[];
  /** Reads both official sets. */
  read(ctx: Context): { readonly train: LabelledImages; readonly test: LabelledImages };
}

/** Options of a dataset of images. */
export interface ImageOptions {
  /** Images trained on; all unless told. */
  readonly trainRows?: number;
  /** Images tested on; all unless told. */
  readonly testRows?: number;
  /** Official numbers of the classes kept; all unless told. */
  readonly classes?: readonly number[];
  /** `random`: the labels of each set are dealt out anew among its images. */
  readonly labels?: "random";
  /** What becomes of a pixel. */
  readonly normalisation: "zero-one" | "plus-minus-one" | "standard";
}

const options: OptionsSchema<ImageOptions> = z.strictObject({
  trainRows: z.int().min(1).optional().describe("images trained on, drawn by the replicate; all unless told"),
  testRows: z.int().min(1).optional().describe("images tested on, drawn by the replicate; all unless told"),
  classes: z.array(z.int().min(0)).min(2).optional()
    .describe("classes kept, by their official numbers; they are numbered anew from 0, in ascending order"),
  labels: z.literal("random").optional()
    .describe("random: the labels of each set are dealt out anew among its images, so that there is nothing to learn"),
  normalisation: z.enum(["zero-one", "plus-minus-one", "standard"]).default("zero-one")
    .describe("range of a pixel; standard: mean 0 and standard deviation 1 over the training images kept"),
});

/**
 * A dataset from files of labelled images; its rows are the training images, then the test images.
 *
 * A replicate draws a subset from `child("split")` and deals random labels from `child("labels")`. With all images and their own labels
 * replicates share the data and differ in initial weights and batches alone.
 */
export function defineImages(source: ImageSource): Dataset<ImageOptions> {
  const { id, title, description, rights } = source;
  return defineDataset({
    ...{ id, title, description, rights },
    version: 1,
    arithmetic: "portable",
    options,
    load: (given, ctx) => load(source, given, ctx),
  });
}

function load(source: ImageSource, given: ImageOptions, ctx: Context): LoadedDataset {
  const kept = keptClasses(source, given);
  const { train, test } = source.read(ctx);
  const parts = [
    part(source, "training", train, kept, given.trainRows, ctx.stream.child("split", "train")),
    part(source, "test", test, kept, given.testRows, ctx.stream.child("split", "test")),
  ];
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  const rows = parts[0].labels.length + parts[1].labels.length;
  const data = new Uint8Array(rows * size);
  const labels = new Uint8Array(rows);
  let at = 0;
  for (const { images, rows: chosen, labels: own } of parts) {
    chosen.forEach((row, i) => data.set(images.pixels.subarray(row * size, (row + 1) * size), (at + i) * size));
    const dealt = given.labels === "random" ? shuffle(Uint32Array.from(own), ctx.stream.child("labels", at)) : own;
    labels.set(dealt, at);
    at += own.length;
  }
  const m = parts[0].labels.length;
  const numbers = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    inputs: { data, shape: [rows, ...source.shape], ...scaleOf(given.normalisation, data.subarray(0, m * size)) },
    labels,
    classes: kept.length,
    splits: { train: numbers(0, m), test: numbers(m, rows) },
  };
}

function keptClasses({ id, classes }: ImageSource, given: ImageOptions): number[] {
  const kept = [...new Set(given.classes ?? classes.keys())].sort((a, b) => a - b);
  const unknown = kept.find((label) => label >= classes.length);
  if (unknown === undefined && kept.length >= 2) return kept;
  throw new Problem(
    `Cannot load dataset "${id}" as classes must be two or more of 0 to ${classes.length - 1}: ` +
      (unknown === undefined ? `they are ${kept.join(", ")}` : `${unknown} is none`),
  );
}

/** The rows of one official set that are kept, ascending, with their new labels. */
function part(
  { id }: ImageSource,
  set: string,
  images: LabelledImages,
  kept: readonly number[],
  limit: number | undefined,
  stream: Stream,
): { images: LabelledImages; rows: Uint32Array; labels: Uint8Array } {
  const numbered = new Map(kept.map((label, i) => [label, i]));
  const all = Uint32Array.from(images.labels.keys()).filter((row) => numbered.has(images.labels[row]));
  if (limit !== undefined && limit > all.length) {
    throw new Problem(
      `Cannot load dataset "${id}" as its ${set} set must have ${limit} images of these classes: it has ${all.length}`,
    );
  }
  const rows = limit === undefined ? all : shuffle(all, stream).slice(0, limit).sort();
  return { images, rows, labels: Uint8Array.from(rows, (row) => numbered.get(images.labels[row])!) };
}

/** How a pixel becomes a number. Sums of bytes and of their squares are exact. */
function scaleOf(normalisation: ImageOptions["normalisation"], pixels: Uint8Array): { scale: number; offset: number } {
  if (normalisation === "zero-one") return { scale: 1 / 255, offset: 0 };
  if (normalisation === "plus-minus-one") return { scale: 2 / 255, offset: -1 };
  let sum = 0;
  let squares = 0;
  for (const pixel of pixels) {
    sum += pixel;
    squares += pixel * pixel;
  }
  const mean = sum / pixels.length;
  const sd = Math.sqrt(squares / pixels.length - mean * mean);
  const scale = sd > 0 ? 1 / sd : 1;
  return { scale, offset: -mean * scale };
}
