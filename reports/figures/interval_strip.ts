import * as Plot from "@observablehq/plot";
import type { ClaimResult } from "../../core/contracts/bundle.ts";
import { finish, newDocument, svgElement, type SvgNode } from "./document.ts";
import { bottomAxis, markAt, richText } from "./furniture.ts";
import { colour, VERDICTS } from "./palette.ts";
import { short } from "./words.ts";

const FRAME = { width: 480, height: 104, marginTop: 24, marginRight: 12, marginBottom: 34, marginLeft: 12 };
/** Part of the golden section, which spreads dots evenly up and down whatever their number. */
const GOLDEN = 0.6180339887498949;

/** What a strip shows of a result. */
type Statistic = Pick<
  ClaimResult,
  "theta" | "unit" | "median" | "low" | "high" | "low95" | "high95" | "interval" | "verdict" | "test"
>;

/**
 * A statistic on a small axis: the interval that decides as a band and the 95 % interval as a stronger one within, θ of
 * each net as a dot, their median as a stroke, δ as a broken line. A rule that θ lie inside an interval has two, with a band between.
 *
 * The height of a dot means nothing; it only keeps dots apart. A side of the interval that is infinite runs off the axis.
 * Null where there is no number to show.
 */
export function drawIntervalStrip(
  result: Statistic,
  delta: number,
  prefix: string,
): string | null {
  const theta = result.theta.filter((value) => value !== null);
  if (theta.length === 0) return null;
  const { low, high, low95 = null, high95 = null, median, verdict, unit } = result;
  const bounds = result.test?.side === "inside" ? [result.test.delta, result.test.upper] : [delta];
  const told = boundsWords(bounds);
  const ends = [...theta, ...bounds, ...[low, high, low95, high95, median].filter((value) => value !== null)];
  const [least, most] = [ends.reduce((a, b) => Math.min(a, b)), ends.reduce((a, b) => Math.max(a, b))];
  const room = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
  const domain: [number, number] = [least - room, most + room];
  const tint = VERDICTS[verdict].colour;
  const dots = theta.map((value, i) => ({ value, up: 0.08 + 0.84 * ((0.5 + i * GOLDEN) % 1) }));
  const has = result.interval !== "none";
  const svg = Plot.plot({
    document: newDocument(),
    ...FRAME,
    x: { domain, axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      ...(bounds.length > 1
        ? [Plot.rect([0], { x1: bounds[0], x2: bounds[1], y1: 0, y2: 1, fill: colour("ink"), fillOpacity: 0.07 })]
        : []),
      ...(has
        ? [
          Plot.rect([0], { x1: low ?? domain[0], x2: high ?? domain[1], y1: 0, y2: 1, fill: tint, fillOpacity: 0.2 }),
          ...(result.low95 === undefined ? [] : [
            Plot.rect([0], {
              x1: low95 ?? domain[0],
              x2: high95 ?? domain[1],
              y1: 0,
              y2: 1,
              fill: tint,
              fillOpacity: 0.2,
            }),
          ]),
          Plot.ruleX([low, high].filter((end) => end !== null), { y1: 0, y2: 1, stroke: tint, strokeWidth: 1.2 }),
        ]
        : []),
      Plot.dot(dots, { x: "value", y: "up", r: 2.6, fill: colour("ink"), fillOpacity: 0.45 }),
      ...(median === null ? [] : [Plot.ruleX([median], { y1: 0, y2: 1, stroke: tint, strokeWidth: 3 })]),
      Plot.ruleX(bounds, { y1: -0.05, y2: 1.15, stroke: colour("ink"), strokeWidth: 1.2, strokeDasharray: "4 3" }),
      Plot.ruleY([0], { strokeWidth: 0.6, stroke: colour("muted") }),
      bottomAxis({ ticks: 5 }),
      markAt((scales, document, { width, marginRight }) => {
        const group = svgElement(document, "g", { class: "titles" });
        const middle = bounds.reduce((sum, end) => sum + scales.x(end), 0) / bounds.length;
        const room = 6 + 3.5 * told.length;
        group.append(
          richText(document, told, {
            class: "delta",
            x: Math.min(Math.max(middle, room), width - room),
            y: 15,
            "text-anchor": "middle",
            "font-size": 12,
          }),
        );
        if (unit !== "1") {
          group.append(richText(document, unit, {
            class: "unit",
            x: width - marginRight,
            y: 100,
            "text-anchor": "end",
            "font-size": 12,
            fill: colour("muted"),
          }));
        }
        return group;
      }),
    ],
  });
  const unitWord = unit === "1" ? "" : ` ${unit}`;
  const words = [
    `${theta.length} values of θ`,
    median === null ? "" : `median ${short(median)}${unitWord}`,
    has ? `interval from ${low === null ? "−∞" : short(low)} to ${high === null ? "∞" : short(high)}` : "no interval",
    told,
  ];
  return finish(svg as unknown as SvgNode, { prefix, label: words.filter(Boolean).join(", ") });
}

/** `δ = 0.25`, or `inside [0.8, 1.2]`. */
export function boundsWords([delta, upper]: readonly number[]): string {
  return upper === undefined ? `δ = ${short(delta)}` : `inside [${short(delta)}, ${short(upper)}]`;
}
