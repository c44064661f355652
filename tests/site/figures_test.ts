import assert from "node:assert/strict";
import fc from "fast-check";
import type { Figure, Scale } from "../../core/contracts/bundle.ts";
import type { Row } from "../../core/contracts/rows.ts";
import {
  DARK,
  drawFigure,
  drawIntervalStrip,
  drawThumbnail,
  epochTicks,
  LIGHT,
  runs,
  settingWords,
  short,
  standaloneSvg,
  thinEpochs,
} from "../../reports/figures/mod.ts";

const PLANE: Figure = {
  id: "plane",
  title: "Plane",
  caption: "",
  alt: "The plane.",
  table: "estimates",
  where: { arm: "main" },
  view: "information-plane",
};

/** Rows of `nets` nets and `layers` layers at `epochs`, in two arms. */
function estimates(nets: number, layers: number, epochs: readonly number[]): Row[] {
  return ["main", "adam"].flatMap((arm) =>
    Array.from({ length: nets }, (_, net) =>
      Array.from({ length: layers }, (_, l) =>
        epochs.map((epoch): Row => ({
          trial: `${arm}-${net}`,
          arm,
          axes: "{}",
          replicate: net,
          epoch,
          layer: l + 1,
          layer_name: `dense-${l + 1}`,
          estimator: "binning",
          setting: '{"count":30,"range":[-1,1]}',
          probe: "all",
          ixt_bits: 6 - l + Math.sin(net + epoch),
          ity_bits: 0.5 + Math.cos(net + epoch) / 4,
          ceiling_bits: 12,
          status: "measured",
          reason: null,
        }))).flat()).flat()
  );
}

function paths(svg: string): { trial: string; layer: string }[] {
  return [...svg.matchAll(/<path [^>]*class="net"[^>]*>/g)].map(([tag]) => ({
    trial: tag.match(/data-trial="([^"]*)"/)![1],
    layer: tag.match(/data-layer="([^"]*)"/)![1],
  }));
}

const drawn = (figure: Figure, rows: readonly Row[]) =>
  drawFigure({ figure, rows }).panels.map(({ svg }) => svg).join("");
const MARKS: Figure = { ...PLANE, view: undefined, where: undefined };

for (const layout of ["one", "panels"]) {
  Deno.test(`the plane draws one path a net and layer of its arm and no other (${layout})`, () => {
    const found = paths(drawn({ ...PLANE, viewOptions: { layout } }, estimates(7, 3, [0, 1, 5, 100])));
    assert.equal(found.length, 7 * 3);
    assert.equal(new Set(found.map(({ trial, layer }) => `${trial} ${layer}`)).size, 7 * 3);
    assert.ok(found.every(({ trial }) => trial.startsWith("main-")));
  });
}

Deno.test("the plane's axes say quantity, unit and estimator", () => {
  const svg = drawn(PLANE, estimates(2, 2, [0, 1]));
  assert.match(svg, /I\(X;T\), bits/);
  assert.match(svg, /I\(T;Y\), bits/);
  assert.equal(svg.match(/30 bins on \[−1, 1\]/g)!.length, 2);
});

Deno.test("the plane says how many rows of a split were read, and how many activations are saturated at the end", () => {
  const rows = estimates(3, 2, [0, 1, 9]).map((row): Row => ({
    ...row,
    probe: "test",
    n: 2000,
    saturated: row.layer === 2 ? null : row.epoch === 9 ? 0.1 + 0.02 * Number(row.replicate) : 0.9,
  }));
  assert.match(drawn(PLANE, rows), /2000 test rows/);
  const two = rows.filter(({ replicate }) => Number(replicate) < 2);
  assert.match(drawFigure({ figure: PLANE, rows: two }).notes.join(), /median over nets: dense-1 11 %/);
  assert.deepEqual(drawFigure({ figure: PLANE, rows }).notes, [
    "Saturated activations at the end of training, median over nets: dense-1 12 %.",
  ]);
});

Deno.test("panels say what their shade means, and only if one has it", () => {
  const panels: Figure = { ...PLANE, viewOptions: { layout: "panels" } };
  const rows = (ceiling: (layer: number) => number) =>
    estimates(2, 2, [0, 1]).map((row): Row => ({ ...row, ixt_bits: 5, ceiling_bits: ceiling(Number(row.layer)) }));
  const of = (ceiling: (layer: number) => number) => drawFigure({ figure: panels, rows: rows(ceiling) });
  assert.deepEqual(of((layer) => layer === 1 ? 5 : 5.25).notes, [
    "Shaded: within 0.5 bit of the most that the estimator can give, 5.00 or 5.25 bits. What stands there may have been cut off.",
  ]);
  assert.match(of((layer) => layer === 1 ? 5 : 40).notes.join(), /can give, 5\.00 bits/);
  assert.match(of((layer) => 5 + layer / 1000).notes.join(), /can give, 5\.00 bits/, "said once");
  assert.deepEqual(of(() => 40).notes, []);
  assert.deepEqual(drawFigure({ figure: PLANE, rows: rows(() => 5) }).notes, []);
  const seen = rows(() => 40).map((row) => ({ ...row, probe: "test · 16 components", n: 2000 }));
  assert.match(drawn(PLANE, seen), /2000 test rows · 16 components/);
});

Deno.test("a title too long for the side of a panel goes on in a second line, with room for it", () => {
  const panels: Figure = { ...PLANE, viewOptions: { layout: "panels" } };
  const long = estimates(1, 2, [0, 1]).map((row) => ({
    ...row,
    ...{ estimator: "noise-bounds", setting: '{"alpha":0.1,"ruler":"fixed"}', probe: "test", n: 2000 },
  }));
  const titles = (rows: Row[]) => [...drawn(panels, rows).matchAll(/class="axis-title (up|across)"/g)].length;
  assert.equal(titles(estimates(1, 2, [0, 1])), 2 * 2);
  assert.equal(titles(long), 2 * 2 * 2);
  const height = (rows: Row[]) => Number(drawn(panels, rows).match(/height="(\d+)"/)![1]);
  assert.equal(height(long) - height(estimates(1, 2, [0, 1])), 14);
});

Deno.test("the plane names what it leaves out", () => {
  const rows = estimates(2, 2, [0, 1]);
  const { notes } = drawFigure({ figure: { ...PLANE, where: {} }, rows });
  assert.match(notes.join(" "), /In the table as well: adam/);
  const gone = rows.map((row) => row.trial === "main-1" && row.epoch === 1 ? { ...row, ixt_bits: null } : row);
  assert.match(drawFigure({ figure: PLANE, rows: gone }).notes.join(" "), /2 points were not measured/);
});

Deno.test("a net that lacks a snapshot says which it has", () => {
  const rows = estimates(2, 1, [0, 1, 5]).filter(({ trial, epoch }) => trial !== "main-1" || epoch !== 1);
  const svg = drawn(PLANE, rows);
  assert.equal(svg.match(/data-epochs="/g)!.length, 1);
  assert.match(svg, /data-epochs="0 5"/);
});

Deno.test("a figure that would be empty says why", () => {
  const rows = estimates(2, 1, [0]);
  const why = (figure: Figure, rows: readonly Row[]) => drawFigure({ figure, rows }).empty;
  assert.equal(why(PLANE, []), "the table estimates has no row of a layer with arm = main");
  const lost = rows.map((row) => ({ ...row, ixt_bits: null, status: "skipped", reason: "the net diverged" }));
  assert.equal(why(PLANE, lost), "none of 2 points was measured: the net diverged");
  assert.equal(why(MARKS, rows), "it has no marks");
  const dots: Figure = { ...MARKS, marks: [{ mark: "dot", x: "epoch", y: "ixt_bits" }] };
  assert.equal(why(dots, []), "the table estimates has no row");
  assert.equal(why(dots, lost), "none of 4 rows has a value to draw: the net diverged");
});

Deno.test("an unknown column, colour, mark or view is an error that names it, and no exception", () => {
  const rows = estimates(2, 1, [0, 1]);
  const why = (figure: Partial<Figure>) => drawFigure({ figure: { ...MARKS, ...figure } as Figure, rows }).empty;
  for (const channel of ["y", "x2", "z", "fx", "title"]) {
    const mark = { mark: "line" as const, x: "epoch", [channel]: "wrong_name" };
    assert.match(
      why({ marks: [mark] })!,
      new RegExp(
        `^Cannot draw the mark "line" as its ${channel} must be a column: there is no "wrong_name" among trial,`,
      ),
    );
  }
  assert.match(why({ marks: [{ mark: "dot", x: "epoch", y: "layer", fill: "wrong_name" }] })!, /"wrong_name"/);
  assert.match(why({ marks: [{ mark: "spiral" as never }] })!, /does not know the mark spiral/);
  assert.match(why({ view: "globe" as never })!, /does not know the view globe/);
});

Deno.test("every kind of mark draws", () => {
  const rows = estimates(3, 2, [1, 10, 100]);
  const [x, y] = ["epoch", "ixt_bits"];
  const marks: Figure["marks"] = [
    { mark: "area-y", x, y, y2: "ity_bits", fill: "arm", where: { layer: 1, replicate: 0 } },
    { mark: "rect", x, y, x2: "replicate", y2: "ity_bits", fill: "muted" },
    { mark: "rule-y", values: [3] },
    { mark: "rule-x", x, y, y2: "ity_bits", stroke: "layer" },
    { mark: "line", x, y, z: "trial", stroke: "arm" },
    { mark: "dot", x, y, fill: "arm" },
    { mark: "dot", x, y, stroke: "epoch" },
    { mark: "text", x, y, text: "trial" },
  ];
  for (const mark of marks) {
    const { empty, panels } = drawFigure({ figure: { ...MARKS, marks: [mark] }, rows });
    assert.equal(empty, undefined, mark.mark);
    assert.match(panels[0].svg, /<(path|rect|circle|line|text)\b/);
  }
  const bars: Figure = { ...MARKS, marks: [{ mark: "bar-y", x: "layer", y, fill: "layer", fx: "arm" }] };
  assert.equal(drawFigure({ figure: bars, rows }).panels.length, 2);
});

Deno.test("rows that no mark draws make no panels", () => {
  const marks: Figure["marks"] = [
    { mark: "rule-y", values: [3] },
    { mark: "dot", x: "epoch", y: "ixt_bits", fx: "layer", where: { layer: 2 } },
    { mark: "dot", x: "epoch", y: "ity_bits", where: { layer: 3 } },
  ];
  const { panels } = drawFigure({ figure: { ...MARKS, marks }, rows: estimates(2, 4, [1, 10]) });
  assert.deepEqual(panels.map(({ label }) => label), ["T₂", "T₃"]);
});

Deno.test("a row that one mark lacks is drawn by the others, on a logarithmic axis too", () => {
  const marks: Figure["marks"] = [
    { mark: "dot", x: "epoch", y: "ixt_bits" },
    { mark: "line", x: "epoch", y: "ity_bits" },
  ];
  const rows = estimates(1, 1, [1, 10, 100]).map((row) => ({ ...row, ity_bits: null }));
  const { notes, panels } = drawFigure({ figure: { ...MARKS, marks, scales: { y: { type: "log" } } }, rows });
  assert.deepEqual([notes, panels.length], [[], 1]);
});

Deno.test("bits of estimates never stand without their estimator", () => {
  const figure: Figure = {
    ...MARKS,
    marks: [{ mark: "dot", x: "epoch", y: "ixt_bits" }],
    scales: { y: { label: "I(X;T₁), bits" } },
  };
  assert.match(drawn(figure, estimates(1, 1, [0, 1])), /, 30 bins on \[−1, 1\]/);
});

Deno.test("drawings are the same twice, round to 0.01, and keep their ids apart", () => {
  const rows = estimates(3, 2, [0, 1, 5, 100]);
  const curve = [[0, 0], [3, 0.6], [6, 0.8]];
  const figure: Figure = { ...PLANE, viewOptions: { layout: "panels", curve } };
  const svg = drawn(figure, rows);
  assert.equal(svg, drawn(figure, rows));
  assert.doesNotMatch(svg.replace(/data-\w+="[^"]*"/g, ""), /\d\.\d{3}/);
  const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.ok(ids.length > 0);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id] of svg.matchAll(/url\(#([^)]*)\)/g)) assert.ok(ids.includes(id), id);
});

Deno.test("a figure's own file has no variables of a page and every panel", () => {
  const drawing = drawFigure({
    figure: { ...PLANE, viewOptions: { layout: "panels" } },
    rows: estimates(2, 3, [0, 1]),
  });
  const svg = standaloneSvg(drawing);
  assert.doesNotMatch(svg, /var\(/);
  assert.equal(paths(svg).length, 6);
  assert.throws(() => standaloneSvg(drawFigure({ figure: PLANE, rows: [] })), RangeError);
});

Deno.test("a card's picture has the data's dots", () => {
  assert.match(drawThumbnail({ figure: PLANE, rows: estimates(2, 2, [0, 1]) })!, /class="dots"/);
  assert.equal(drawThumbnail({ figure: PLANE, rows: [] }), null);
});

Deno.test("the strip of a statistic says its numbers, and is absent without any", () => {
  const result = {
    theta: [0.4, 0.5, null, 0.7],
    unit: "bits",
    median: 0.5,
    low: 0.4,
    high: null,
    interval: "order statistics",
    verdict: "supported" as const,
  };
  const svg = drawIntervalStrip(result, 0.25, "strip")!;
  assert.match(svg, /aria-label="3 values of θ, median 0.5 bits, interval from 0.4 to ∞, δ = 0.25"/);
  assert.equal(drawIntervalStrip({ ...result, theta: [null] }, 0.25, "strip"), null);
});

Deno.test("the strip of a rule that asks θ inside an interval has both of its ends, with a band between", () => {
  const result = {
    theta: [0.9, 1, 1.1],
    unit: "1",
    median: 1,
    low: 0.9,
    high: 1.1,
    interval: "order statistics",
    verdict: "supported" as const,
  };
  const test = { side: "inside", delta: 0.8, upper: 1.2 } as const;
  const svg = drawIntervalStrip({ ...result, test }, 0.8, "strip")!;
  assert.match(svg, /interval from 0.9 to 1.1, inside \[0.8, 1.2\]"/);
  const one = drawIntervalStrip(result, 0.8, "strip")!;
  for (const shape of [/<line /g, /<rect /g]) assert.equal(svg.match(shape)!.length, one.match(shape)!.length + 1);
});

Deno.test("thinEpochs() keeps at most forty, the first and the last, evenly in the logarithm", () => {
  const all = Array.from({ length: 10_001 }, (_, epoch) => epoch);
  const kept = thinEpochs(all);
  assert.equal(kept.length, 40);
  assert.equal(kept[0], 0);
  assert.equal(kept[39], 10_000);
  const steps = kept.slice(20).map((epoch, i) => Math.log1p(epoch) - Math.log1p(kept[19 + i]));
  const even = Math.log1p(10_000) / 39;
  assert.ok(steps.every((step) => Math.abs(step - even) < 0.1 * even));
});

Deno.test("thinEpochs() gives distinct epochs of its own, ascending, whatever they are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(20_000), { minLength: 1 }), fc.integer({ min: 2, max: 60 }), (all, limit) => {
      const kept = thinEpochs(all, limit);
      assert.equal(kept.length, Math.min(limit, all.length));
      assert.ok(kept.every((epoch, i) => all.includes(epoch) && (i === 0 || epoch > kept[i - 1])));
      assert.equal(kept[0], Math.min(...all));
      assert.equal(kept[kept.length - 1], Math.max(...all));
    }),
  );
});

function luminance(hex: string): number {
  const [r, g, b] = hex.match(/[0-9a-f]{2}/g)!.map((part) => {
    const c = parseInt(part, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q);
  return (light + 0.05) / (dark + 0.05);
}

for (const [name, theme] of Object.entries({ light: LIGHT, dark: DARK })) {
  Deno.test(`text of the ${name} theme has a contrast of 4.5 to 1 on every ground`, () => {
    assert.ok(Math.abs(contrast("#000000", "#ffffff") - 21) < 1e-9);
    for (const ground of ["paper", "raised", "ceiling"]) {
      for (const text of ["ink", "muted", "accent", "supported", "contradicted", "undecided"]) {
        const found = contrast(theme[text], theme[ground]);
        assert.ok(found >= 4.5, `${text} on ${ground}: ${found.toFixed(2)}`);
      }
    }
  });
}

Deno.test("epochTicks() are powers of ten and the last epoch, none so close to it that they would overlap", () => {
  assert.deepEqual(epochTicks(2985), [0, 1, 10, 100, 1000, 2985]);
  assert.deepEqual(epochTicks(19_953), [0, 1, 10, 100, 1000, 19_953]);
});

Deno.test("panels one above another share the axis across and, where told, have a scale up of their own", () => {
  const rows = ["bits", "norm"].flatMap((quantity, q) =>
    [0, 1, 10, 100].map((epoch): Row => ({
      quantity,
      layer: 1,
      epoch: q === 0 ? epoch : epoch / 10,
      value: (q === 0 ? 12 : 5000) * epoch / 100,
    }))
  );
  const figure = (apart: boolean): Figure => ({
    ...{ id: "stack", title: "Stack", caption: "", alt: "A stack.", table: "t" },
    marks: [{ mark: "line", x: "epoch", y: "value", z: "layer", fy: "quantity" }],
    scales: { x: { label: "epoch", type: "log" }, y: { label: "value", apart } },
  });
  // The ticks' words below come first, then those at the left.
  const ticks = (svg: string, axis: "x" | "y") => {
    const [below, left] = [...svg.matchAll(/<g [^>]*class="ticks">((?:<text[^>]*>[^<]*<\/text>)+)<\/g>/g)];
    return [...(axis === "x" ? below : left)[1].matchAll(/>([^<]*)<\/text>/g)].map(([, text]) => text);
  };
  const own = drawFigure({ figure: figure(true), rows });
  assert.deepEqual([own.panels.length, own.across, own.panels.map(({ label }) => label)], [2, 1, ["bits", "norm"]]);
  const [bits, norm] = own.panels.map(({ svg }) => svg);
  assert.deepEqual([ticks(bits, "y").at(-1), ticks(norm, "y").at(-1)], ["12", "5,000"]);
  assert.deepEqual(ticks(bits, "x"), ticks(norm, "x"));
  assert.equal(bits.includes("axis-title up"), false);
  const shared = drawFigure({ figure: figure(false), rows });
  assert.deepEqual(ticks(shared.panels[0].svg, "y"), ticks(shared.panels[1].svg, "y"));
});

Deno.test("words: numbers, lowered digits and settings", () => {
  assert.equal(short(-0.00012345), "−0.000123");
  assert.equal(short(12345.6), "12,346");
  assert.deepEqual([short(1e-6, 4), short(1.5e-6, 4)], ["1e−6", "1.5e−6"]);
  assert.equal(short(Infinity), "∞");
  assert.deepEqual(runs("I(X;T₅)"), [
    { text: "I(X;T", place: "line" },
    { text: "5", place: "sub" },
    { text: ")", place: "line" },
  ]);
  assert.deepEqual(runs("c^own of T_k, not ixt_bits"), [
    { text: "c", place: "line" },
    { text: "own", place: "super" },
    { text: " of T", place: "line" },
    { text: "k", place: "sub" },
    { text: ", not ixt_bits", place: "line" },
  ]);
  assert.equal(settingWords("binning", '{"width":0.07}'), "bins of width 0.07");
  assert.equal(
    settingWords("binning", '{"codebook":"equal-mass","correction":"chao-shen","count":30}'),
    "30 bins of equal mass, corrected after Chao and Shen",
  );
  assert.equal(settingWords("binning", '{"codebook":"unique-values"}'), "a bin for each value");
  assert.equal(settingWords("mine", "k=3 noise=0.1"), "mine, k 3, noise 0.1");
});

Deno.test("a linear colour scale is a ramp from end to end of its domain, however few values are drawn", () => {
  const rows = [0.25, 0.5, 0.75].map((p, i): Row => ({ x: i, y: i, p }));
  const legendOf = (color: Scale | undefined) => {
    const figure: Figure = {
      ...MARKS,
      marks: [{ mark: "dot", x: "x", y: "y", fill: "p" }],
      scales: color && { color },
    };
    return drawFigure({ figure, rows }).legend!.entries.map(({ label }) => label);
  };
  assert.deepEqual(legendOf({ type: "linear", domain: [0, 1] }), ["0", "0.5", "1"]);
  assert.deepEqual(legendOf({ type: "linear" }), ["0.25", "0.5", "0.75"]);
  assert.deepEqual(legendOf(undefined), ["p 0.25", "p 0.5", "p 0.75"]);
});

Deno.test("words up an axis have a line each, and room for the longest at their left", () => {
  const figure: Figure = {
    ...MARKS,
    marks: [{ mark: "dot", x: "error", y: "law" }],
    scales: { y: { type: "ordinal" } },
  };
  const panelOf = (count: number, end: string) =>
    drawFigure({ figure, rows: Array.from({ length: count }, (_, i) => ({ error: i, law: `law ${i}${end}` })) })
      .panels[0];
  const [few, many, long] = [panelOf(3, ""), panelOf(60, ""), panelOf(3, " of a name".repeat(12))];
  assert.ok(many.height >= 60 * 14 && many.height > few.height);
  const leftmost = ({ svg }: { svg: string }) =>
    Math.min(...[...svg.matchAll(/transform="translate\((-?[\d.]+),[^"]*"[^>]*>law/g)].map(([, x]) => Number(x)));
  assert.ok(leftmost(long) > 126 * 5 && long.width > leftmost(long) + 150, `${leftmost(long)} of ${long.width}`);
});
