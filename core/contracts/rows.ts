import type { Arithmetic } from "./tensor.ts";

/** How a column is stored. `json` is canonical JSON text. */
export type ColumnType = "string" | "float64" | "int32" | "boolean" | "json";

/** A column of a table: its name says the unit where the name can. */
export interface Column {
  /** snake_case, ending in the unit where it has one: `ixt_bits`. */
  readonly name: string;
  /** How it is stored. */
  readonly type: ColumnType;
  /** `bits`, `epochs`, `updates`, `1` for a pure number, null for text. */
  readonly unit: string | null;
  /** One sentence: what a cell means. */
  readonly text: string;
  /** True if a cell may be null. */
  readonly nullable?: boolean;
}

/** A cell of a table. Never NaN, never undefined. */
export type Cell = string | number | boolean | null;

/** A row of any table. */
export type Row = { readonly [column: string]: Cell };

/** A table: named columns and rows, in the order that identity gives. */
export interface Table {
  /** snake_case; names the file. */
  readonly name: string;
  /** Heading. */
  readonly title: string;
  /** Columns in order. */
  readonly columns: readonly Column[];
  /** Rows in the order that identity gives. */
  readonly rows: readonly Row[];
}

/** How a piece of work ended and is kept; `failed` is never stored. */
export type Outcome = "done" | "diverged" | "skipped" | "failed";

/** One point of the information plane: a layer at a snapshot of a net, under one setting of one estimator. */
export type EstimateRow = {
  readonly trial: string;
  readonly arm: string;
  readonly axes: string;
  readonly replicate: number;
  readonly epoch: number;
  readonly layer: number;
  readonly layer_name: string;
  readonly estimator: string;
  readonly setting: string;
  readonly probe: string;
  readonly labels: "exact" | "sampled";
  readonly n: number;
  readonly ixt_bits: number | null;
  readonly ixt_low_bits: number | null;
  readonly ixt_high_bits: number | null;
  readonly ity_bits: number | null;
  readonly ity_low_bits: number | null;
  readonly ity_high_bits: number | null;
  readonly ceiling_bits: number | null;
  readonly cells: number | null;
  readonly alone: number | null;
  readonly saturated: number | null;
  readonly diagnostics: string | null;
  readonly arithmetic: Arithmetic;
  readonly status: "measured" | "skipped" | "failed";
  readonly reason: string | null;
};

/** One number of anything else: a loss, an accuracy, a gradient statistic. */
export type SeriesRow = {
  readonly trial: string;
  readonly arm: string;
  readonly axes: string;
  readonly replicate: number;
  readonly epoch: number;
  readonly layer: number | null;
  readonly quantity: string;
  readonly unit: string;
  readonly value: number | null;
  readonly arithmetic: Arithmetic;
  readonly reason: string | null;
};

/** One number of a single row of a dataset, counted from 0: a coordinate in an embedding. */
export type PointRow = SeriesRow & { readonly row: number };

/** One trained net. */
export type TrialRow = {
  readonly trial: string;
  readonly arm: string;
  readonly role: "main" | "control" | "variant";
  readonly axes: string;
  readonly replicate: number;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly epochs: number;
  readonly updates: number;
  readonly train_loss_bits: number | null;
  readonly test_loss_bits: number | null;
  readonly train_accuracy: number | null;
  readonly test_accuracy: number | null;
  readonly test_accuracy_sampled: number | null;
  readonly best_test_accuracy: number | null;
  readonly best_epoch: number | null;
  readonly arithmetic: Arithmetic;
};

const TRIAL: readonly Column[] = [
  { name: "trial", type: "string", unit: null, text: "Key of the trained net: hash of what it was made from." },
  { name: "arm", type: "string", unit: null, text: "Arm of the study." },
];
const PLACE: readonly Column[] = [
  { name: "axes", type: "json", unit: null, text: "Values of the study's axes, as canonical JSON." },
  { name: "replicate", type: "int32", unit: "1", text: "Number of the replicate: initial weights, split and labels." },
];
const SETTING: readonly Column[] = [
  { name: "estimator", type: "string", unit: null, text: "Id of the estimator." },
  { name: "setting", type: "string", unit: null, text: "The estimator's options after defaults, as canonical JSON." },
];

/** The columns that say of which net under which setting a row is: for the tables of analyses. */
export const NET_COLUMNS: readonly Column[] = [...TRIAL, ...PLACE, ...SETTING];

/** The columns that say of which net a row is, for tables of analyses that rest on no estimate. */
export const TRIAL_PLACE_COLUMNS: readonly Column[] = [...TRIAL, ...PLACE];

const EPOCH: Column = {
  name: "epoch",
  type: "int32",
  unit: "epochs",
  text: "Passes over the training set; 0 is untrained.",
};
const ARITHMETIC: Column = {
  name: "arithmetic",
  type: "string",
  unit: null,
  text: "portable: identical bytes everywhere; pinned: identical per backend; host: depends on the machine.",
};
const REASON: Column = { name: "reason", type: "string", unit: null, text: "Why a value is missing.", nullable: true };

function bits(name: string, text: string): Column {
  return { name, type: "float64", unit: "bits", text, nullable: true };
}

/** The columns of `estimates`, in order. */
export const ESTIMATE_COLUMNS: readonly Column[] = [
  ...TRIAL,
  ...PLACE,
  EPOCH,
  { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output; 0 the input." },
  { name: "layer_name", type: "string", unit: null, text: "Name of the layer in its architecture." },
  ...SETTING,
  {
    name: "probe",
    type: "string",
    unit: null,
    text: "Rows measured: all, train or test; and the invertible map they went through first, if any.",
  },
  { name: "labels", type: "string", unit: null, text: "exact: weighed by p(y|x); sampled: one drawn label a row." },
  { name: "n", type: "int32", unit: "1", text: "Number of rows measured." },
  bits("ixt_bits", "Encoder information I(X;T)."),
  bits("ixt_low_bits", "Lower end of the interval or bound on I(X;T)."),
  bits("ixt_high_bits", "Upper end of the interval or bound on I(X;T)."),
  bits("ity_bits", "Decoder information I(T;Y)."),
  bits("ity_low_bits", "Lower end of the interval or bound on I(T;Y)."),
  bits("ity_high_bits", "Upper end of the interval or bound on I(T;Y)."),
  bits("ceiling_bits", "Largest I(X;T) the estimator can return here."),
  { name: "cells", type: "int32", unit: "1", text: "Occupied cells of the codebook.", nullable: true },
  { name: "alone", type: "float64", unit: "1", text: "Fraction of cells with one distinct input.", nullable: true },
  {
    name: "saturated",
    type: "float64",
    unit: "1",
    text: "Fraction of activations within 2^-8 of where their function ends.",
    nullable: true,
  },
  { name: "diagnostics", type: "json", unit: null, text: "Whatever else the estimator reports.", nullable: true },
  ARITHMETIC,
  { name: "status", type: "string", unit: null, text: "measured, skipped or failed." },
  REASON,
];

/** The columns of `series`, in order. */
export const SERIES_COLUMNS: readonly Column[] = [
  ...TRIAL,
  ...PLACE,
  EPOCH,
  { name: "layer", type: "int32", unit: "1", text: "Layer the number belongs to, if any.", nullable: true },
  { name: "quantity", type: "string", unit: null, text: "Name of the quantity." },
  { name: "unit", type: "string", unit: null, text: "Unit of the value." },
  { name: "value", type: "float64", unit: null, text: "The number.", nullable: true },
  ARITHMETIC,
  REASON,
];

/** The columns of `trials`, in order. */
export const TRIAL_COLUMNS: readonly Column[] = [
  ...TRIAL,
  { name: "role", type: "string", unit: null, text: "main, control or variant: what the arm is for." },
  ...PLACE,
  { name: "outcome", type: "string", unit: null, text: "done, diverged, skipped or failed." },
  REASON,
  { name: "epochs", type: "int32", unit: "epochs", text: "Epochs trained." },
  { name: "updates", type: "int32", unit: "updates", text: "Weight updates made." },
  bits("train_loss_bits", "Cross-entropy on the training rows at the last snapshot."),
  bits("test_loss_bits", "Expected cross-entropy on the test rows at the last snapshot."),
  {
    name: "train_accuracy",
    type: "float64",
    unit: "1",
    text: "On the training labels, last snapshot.",
    nullable: true,
  },
  {
    name: "test_accuracy",
    type: "float64",
    unit: "1",
    text: "Mean over test rows of p(predicted class | x), last snapshot.",
    nullable: true,
  },
  {
    name: "test_accuracy_sampled",
    type: "float64",
    unit: "1",
    text: "On the sampled test labels, last snapshot.",
    nullable: true,
  },
  { name: "best_test_accuracy", type: "float64", unit: "1", text: "Best over snapshots.", nullable: true },
  { name: "best_epoch", type: "int32", unit: "epochs", text: "Its first epoch.", nullable: true },
  ARITHMETIC,
];
