/** A stretch of text, raised, lowered or on the line. */
export interface Run {
  readonly text: string;
  readonly place: "line" | "sub" | "super";
}

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋ₖₙᵢⱼₘ";
const LOWERED = "0123456789+−knijm";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏⁿ";
const RAISED = "0123456789+−kn";

/** A letter and what is lowered or raised behind it as mathematics is typed: `T_k`, `c^own`. */
const TYPED = /(?<![\w^])([A-Za-zΣα-ω])([_^])([A-Za-z0-9]+)(?![\w^])/u;

/**
 * Splits at lowered and raised characters, which the fonts of the page lack, and at letters with typed marks, so that both
 * can be set as such.
 */
export function runs(text: string): Run[] {
  const typed = text.match(TYPED);
  if (typed) {
    const [whole, letter, mark, part] = typed;
    const before = text.slice(0, typed.index) + letter;
    const after = text.slice(typed.index! + whole.length);
    return [
      ...runs(before),
      { text: part, place: mark === "_" ? "sub" : "super" },
      ...(after === "" ? [] : runs(after)),
    ];
  }
  const found: { text: string; place: Run["place"] }[] = [];
  for (const character of text) {
    const low = SUBSCRIPTS.indexOf(character);
    const high = SUPERSCRIPTS.indexOf(character);
    const place = low >= 0 ? "sub" : high >= 0 ? "super" : "line";
    const plain = low >= 0 ? LOWERED[low] : high >= 0 ? RAISED[high] : character;
    const last = found[found.length - 1];
    if (last?.place === place) last.text += plain;
    else found.push({ text: plain, place });
  }
  return found;
}

/** A layer's number, lowered. */
export function lowered(number: number): string {
  return [...String(number)].map((digit) => SUBSCRIPTS[Number(digit)] ?? digit).join("");
}

/** A number with at most `digits` significant digits, a true minus, and no exponent where none is needed. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "undefined";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e15)
    ? value.toExponential(Math.max(0, digits - 1)).replace(/\.?0+e/, "e")
    : grouped(size >= 10 ** digits ? String(Math.round(value)) : String(Number(value.toPrecision(digits))));
  return text.replace("-", "−").replace("e-", "e−");
}

function grouped(text: string): string {
  const [whole, part] = text.split(".");
  const spaced = whole.replace("-", "").length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return part === undefined ? spaced : `${spaced}.${part}`;
}

const CORRECTION_WORDS: { readonly [correction: string]: string } = {
  "miller-madow": "corrected after Miller and Madow",
  grassberger: "corrected after Grassberger",
  "chao-shen": "corrected after Chao and Shen",
  jackknife: "corrected by the jackknife",
};

/** An estimator and its setting in words for an axis: `binning`, `count=30 range=[-1,1]` is "30 bins on [−1, 1]". */
export function settingWords(estimator: string, setting: string): string {
  const options = parseSetting(setting);
  if (estimator === "binning" && options) {
    const { correction, ...codebook } = options;
    if (typeof correction === "string") {
      return `${settingWords(estimator, JSON.stringify(codebook))}, ${CORRECTION_WORDS[correction] ?? correction}`;
    }
    const { count = 30, range, width, preset, codebook: moving } = options;
    if (moving === "layer-range") return `${count} bins on the layer's own range`;
    if (moving === "equal-mass") return `${count} bins of equal mass`;
    if (moving === "unique-values") return "a bin for each value";
    if (preset !== undefined && preset !== "none") return `bins ${String(preset).replaceAll("-", " ")}`;
    const where = Array.isArray(range) ? ` on [${range.map((end) => short(Number(end))).join(", ")}]` : "";
    if (typeof width === "number") return `bins of width ${short(width)}`;
    if (typeof count === "number") return `${count} bins${where}`;
  }
  if (options && typeof options.variance === "number") {
    const { variance, ...rest } = options;
    return settingWords(`${estimator}, σ² = ${short(variance)}`, JSON.stringify(rest));
  }
  if (options && typeof options.alpha === "number" && typeof options.ruler === "string") {
    const { alpha, ruler, ...rest } = options;
    const scale = ruler === "fixed" ? "scale at the last snapshot" : "scale at this snapshot";
    return settingWords(`${estimator}, σ = ${short(alpha)} of the layer's ${scale}`, JSON.stringify(rest));
  }
  const told = options
    ? Object.entries(options).filter(([, value]) => value !== null).map(([name, value]) =>
      `${name} ${valueWords(value)}`
    )
    : setting === ""
    ? []
    : [setting];
  return [estimator, ...told].join(", ");
}

function valueWords(value: unknown): string {
  if (typeof value === "number") return short(value, 6);
  if (Array.isArray(value)) return `[${value.map(valueWords).join(", ")}]`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The options of a setting, from JSON or from `key=value` words; null if it is neither. */
function parseSetting(setting: string): { [option: string]: unknown } | null {
  try {
    const found = JSON.parse(setting);
    return typeof found === "object" && found !== null ? found : null;
  } catch {
    const options: { [option: string]: unknown } = {};
    for (const word of setting.split(/\s+/).filter((word) => word !== "")) {
      const at = word.indexOf("=");
      if (at < 1) return null;
      try {
        options[word.slice(0, at)] = JSON.parse(word.slice(at + 1));
      } catch {
        options[word.slice(0, at)] = word.slice(at + 1);
      }
    }
    return options;
  }
}
