import * as Plot from "@observablehq/plot";

/** Colours of a theme by the name of their CSS variable, without the dashes. */
export type Theme = { readonly [name: string]: string };

/** Number of steps into which the epoch ramp is cut. */
const EPOCH_STEPS = 32;
/** Number of tones from the first layer to the last. */
const LAYER_STEPS = 8;
/** Number of arms that have a colour and a mark of their own. */
const ARM_STEPS = 7;

const plasma = Plot.scale({ color: { type: "linear", scheme: "plasma", domain: [0, 1] } }).apply as (
  t: number,
) => string;

/** Plasma between two of its points: paper hides its palest tenth, a dark page its darkest quarter. */
function epochs(from: number, to: number): Theme {
  return named("epoch", EPOCH_STEPS, (i) => hex(plasma(from + (to - from) * i / (EPOCH_STEPS - 1))));
}

/** One hue from the first layer, dark, to the last, light. */
function layers(dark: readonly number[], light: readonly number[]): Theme {
  return named("layer", LAYER_STEPS, (i) => {
    const part = i / (LAYER_STEPS - 1);
    return hex(`rgb(${dark.map((from, c) => Math.round(from + (light[c] - from) * part)).join()})`);
  });
}

function named(name: string, count: number, colour: (i: number) => string): Theme {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}-${i}`, colour(i)]));
}

function hex(rgb: string): string {
  if (rgb.startsWith("#")) return rgb;
  return `#${rgb.match(/\d+/g)!.slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}

/** Okabe and Ito's colours, the strongest first. */
const OKABE_ITO = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** The look on paper; every figure carries these as the fallback of its variables. */
export const LIGHT: Theme = {
  paper: "#fbfaf7",
  raised: "#f3f1ea",
  ink: "#1c1b19",
  muted: "#5f5b53",
  hairline: "#d8d4ca",
  accent: "#5b3fb8",
  supported: "#0a6a5d",
  contradicted: "#ad3c00",
  undecided: "#5f5b53",
  net: "#1c1b19",
  ceiling: "#e9e5da",
  ...named("arm", ARM_STEPS, (i) => OKABE_ITO[i] ?? "#1c1b19"),
  ...layers([12, 44, 84], [108, 162, 208]),
  ...epochs(0, 0.9),
};

/** The look on a dark page. */
export const DARK: Theme = {
  paper: "#131316",
  raised: "#1d1d22",
  ink: "#e8e6e1",
  muted: "#a8a49c",
  hairline: "#3a3a40",
  accent: "#b6a4f5",
  supported: "#4fc7b3",
  contradicted: "#ff8f57",
  undecided: "#a8a49c",
  net: "#e8e6e1",
  ceiling: "#25252b",
  ...named("arm", ARM_STEPS, (i) => ["#3d9fdb", "#ee7b26", "#1fbd92"][i] ?? OKABE_ITO[i] ?? "#e8e6e1"),
  ...layers([70, 120, 176], [222, 236, 250]),
  ...epochs(0.26, 1),
};

/** A colour that follows the page's theme and is the paper's where there is no page. */
export function colour(name: string): string {
  return `var(--${name}, ${LIGHT[name]})`;
}

/** The colour of an epoch on the logarithmic ramp from 0 to `last`. */
export function epochColour(epoch: number, last: number): string {
  return colour(`epoch-${Math.round(epochPart(epoch, last) * (EPOCH_STEPS - 1))}`);
}

/** Where an epoch lies between 0 and `last`, by log(1 + epoch). */
function epochPart(epoch: number, last: number): number {
  if (last <= 0) return 0;
  return Math.min(1, Math.max(0, Math.log1p(epoch) / Math.log1p(last)));
}

/** The tone of the i-th of `count` layers, counted from 0. */
export function layerColour(i: number, count: number): string {
  return colour(`layer-${count < 2 ? 0 : Math.round(i / (count - 1) * (LAYER_STEPS - 1))}`);
}

/** The colour of the i-th arm, counted from 0; the last one stands for all that follow. */
export function armColour(i: number): string {
  return colour(`arm-${Math.min(i, ARM_STEPS - 1)}`);
}

/** The marks of arms, in the order of their colours. */
export const ARM_SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"] as const;

/** The words, shapes and colours of verdicts. */
export const VERDICTS = {
  supported: { word: "supported", shape: "●", symbol: "circle", colour: colour("supported") },
  contradicted: { word: "contradicted", shape: "◆", symbol: "diamond", colour: colour("contradicted") },
  undecided: { word: "undecided", shape: "○", symbol: "circle", colour: colour("undecided") },
} as const;

/** The themes as CSS: paper, then dark where the reader prefers it; print is always on paper. */
export function themeCss(): string {
  const rules = (theme: Theme) => Object.entries(theme).map(([name, value]) => `--${name}:${value}`).join(";");
  return `:root{color-scheme:light;${rules(LIGHT)}}` +
    `@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${rules(DARK)}}}`;
}
