import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../core/random/mod.ts";
import { writeNpy } from "../../core/store/npy.ts";
import { inFolder, infoplane, ROOT, type Said, writeTwoBits } from "./harness.ts";

interface Row {
  readonly estimator: string;
  readonly setting: string;
  readonly labels: string;
  readonly ixt_bits: number;
  readonly ixt_low_bits: number;
  readonly ixt_high_bits: number;
  readonly ity_bits: number;
  readonly ity_low_bits: number | null;
  readonly ity_high_bits: number | null;
  readonly status: string;
  readonly cells: number;
  readonly diagnostics: { readonly [name: string]: unknown } | null;
}

function rowsOf(said: Said): Row[] {
  assert.equal(said.code, 0, said.stderr);
  const { format, rows } = JSON.parse(said.stdout);
  assert.equal(format, "infoplane.estimate/1");
  return rows;
}

/** The one line a user's mistake is answered with, and the exit code. */
function assertRefused(said: Said, line: RegExp, code = 2): void {
  assert.match(said.stderr.trim(), line);
  assert.equal(said.stderr.trim().split("\n").length, 1, said.stderr);
  assert.equal(said.code, code);
  assert.equal(said.stdout.includes("NaN"), false);
}

Deno.test("two fair bits copied by two units are two bits, and the first of them tells the label", async () => {
  await inFolder(async (dir) => {
    const { activations, labels, pyx } = writeTwoBits(dir);
    const files = ["--activations", activations, "--labels", labels, "--activation", "tanh", "--json"];
    const settings = ["--estimator", "binning:count=30,range=[-1,1]", "--estimator", "binning:width=0.07"];
    for (const exact of [[], ["--pyx", pyx]]) {
      const rows = rowsOf(await infoplane(["estimate", ...files, ...settings, ...exact]));
      assert.deepEqual(rows.map(({ ixt_bits, ity_bits }) => [ixt_bits, ity_bits]), [[2, 1], [2, 1]]);
      assert.deepEqual(rows.map(({ cells, status }) => [cells, status]), [[4, "measured"], [4, "measured"]]);
    }
  });
});

Deno.test("through noise two bits copied by two units are twice what one unit keeps of one bit", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const settings = [
      "noise-bounds:variance=0.1",
      "kt-difference:variance=0.1",
      "noise-mixture:variance=0.1,draws=4000",
    ];
    const chosen = settings.flatMap((setting) => ["--estimator", setting]);
    const files = ["--activations", activations, "--labels", labels];
    const [bounds, published, exact] = rowsOf(await infoplane(["estimate", ...files, ...chosen, "--json"]));
    // The values are 1 apart: exp(−1 / 2σ²) between neighbours, and under one label a single bit is left.
    const one = (x: number) => -Math.log2((1 + Math.exp(-x)) / 2);
    const [upper, lower] = [one(5), one(1.25)];
    const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-11, `${a} must be ${b}`);
    close(bounds.ixt_bits, 2 * upper);
    close(bounds.ixt_low_bits, 2 * lower);
    close(bounds.ity_low_bits!, 2 * lower - upper);
    close(bounds.ity_high_bits!, 2 * upper - lower);
    close(published.ity_bits, upper);
    assert.ok(exact.ixt_low_bits < exact.ixt_bits && exact.ixt_bits < exact.ixt_high_bits);
    assert.ok(exact.ixt_bits > bounds.ixt_low_bits && exact.ixt_bits < bounds.ixt_high_bits);
    assert.deepEqual(bounds.diagnostics, { sigma: Math.sqrt(0.1), nearCeiling: true });
  });
});

Deno.test("a file is a run of one snapshot: the fixed ruler is its own, and the row says so", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const chosen = ["fixed", "moving"].flatMap((ruler) => ["--estimator", `noise-bounds:alpha=0.6,ruler=${ruler}`]);
    const files = ["--activations", activations, "--labels", labels, "--json"];
    const [fixed, moving] = rowsOf(await infoplane(["estimate", ...files, ...chosen]));
    assert.deepEqual([fixed.ixt_bits, fixed.ity_bits], [moving.ixt_bits, moving.ity_bits]);
    assert.equal(moving.diagnostics!.sigma, 0.3);
    assert.deepEqual(fixed.diagnostics, { ...moving.diagnostics, rulerIsOwn: true });
  });
});

Deno.test("a stranger's estimator runs in a slot of its own, from the folder the user stands in", async () => {
  await inFolder(async (dir) => {
    writeTwoBits(dir);
    const plugin = join(ROOT, "examples/sign-patterns/mod.ts");
    const args = ["estimate", "--activations", "t.npy", "--labels", "y.npy", "--json"];
    const chosen = ["--plugin", plugin, "--estimator", "acme/sign-patterns:threshold=0.1"];
    const [row] = rowsOf(await infoplane([...args, ...chosen], { env: { INIT_CWD: dir } }));
    assert.deepEqual([row.estimator, row.ixt_bits, row.ity_bits], ["acme/sign-patterns", 2, 1]);
  });
});

Deno.test("files that are missing, truncated or lying are refused in one line", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const ask = (t: string, y: string) => infoplane(["estimate", "--activations", t, "--labels", y]);
    assertRefused(await ask(join(dir, "gone.npy"), labels), /Cannot read .*gone\.npy: there is no such file/);

    const whole = Deno.readFileSync(activations);
    const cut = join(dir, "cut.npy");
    Deno.writeFileSync(cut, whole.subarray(0, whole.length - 5));
    assertRefused(await ask(cut, labels), /cut\.npy/);

    const lying = join(dir, "lying.npy");
    Deno.writeFileSync(
      lying,
      new TextEncoder().encode(new TextDecoder("latin1").decode(whole).replace("(4, 2)", "(9, 9)")),
    );
    assertRefused(await ask(lying, labels), /lying\.npy/);

    assertRefused(await ask(activations, activations), /there must be 4 labels, one a row: the shape is \[4,2\]/);
    const longer = join(dir, "longer.npy");
    Deno.writeFileSync(longer, writeNpy({ data: new Uint8Array(5), shape: [5] }));
    assertRefused(await ask(activations, longer), /there must be 4 labels, one a row: the shape is \[5\]/);

    const odd = join(dir, "odd.npy");
    Deno.writeFileSync(odd, writeNpy({ data: Float32Array.of(0, 0, 0, NaN, 0, 0, 0, 0), shape: [4, 2] }));
    assertRefused(await ask(odd, labels), /activations must be finite: row 1, unit 1 is NaN/);
  });
});

Deno.test("an unknown estimator or option and a value that does not fit are refused with the nearest name", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const ask = (estimator: string) =>
      infoplane([
        "estimate",
        "--activations",
        activations,
        "--labels",
        labels,
        "--activation",
        "tanh",
        "--estimator",
        estimator,
      ]);
    assertRefused(await ask("bining"), /Cannot find estimator "bining": did you mean "binning"\?/);
    assertRefused(
      await ask("binning:cuont=3"),
      /Cannot find option "cuont" of estimator "binning": did you mean "count"\?/,
    );
    assertRefused(await ask("binning:count=-3"), /option "count" of estimator "binning".*-3/);
    const outside = await ask("binning:count=4,range=[-0.4,0.4]");
    assert.equal(outside.code, 2);
    assert.match(outside.stderr, /Cannot estimate with "binning": .*-0\.5/);
  });
});

Deno.test("inputs from a file let neighbours tell I(X;T), and must be one a row", async () => {
  await inFolder(async (dir) => {
    const stream = root(75);
    const n = 400;
    const x = Float64Array.from({ length: n }, () => stream.normal());
    const t = x.map((value) => 0.75 * value + Math.sqrt(1 - 0.75 ** 2) * stream.normal());
    const files = { inputs: join(dir, "x.npy"), activations: join(dir, "t.npy"), labels: join(dir, "y.npy") };
    Deno.writeFileSync(files.inputs, writeNpy({ data: x, shape: [n, 1] }));
    Deno.writeFileSync(files.activations, writeNpy({ data: t, shape: [n, 1] }));
    Deno.writeFileSync(files.labels, writeNpy({ data: Uint8Array.from(t, (value) => Number(value > 0)), shape: [n] }));
    const ask = (...more: string[]) =>
      infoplane(["estimate", "--activations", files.activations, "--labels", files.labels, "--json", ...more]);
    const [row, mixed] = rowsOf(
      await ask("--inputs", files.inputs, "--estimator", "ksg:k=3", "--estimator", "ksg:form=mixed"),
    );
    assert.equal(row.setting, '{"form":1,"k":3}');
    for (const { ixt_bits, ity_bits } of [row, mixed]) {
      assert.ok(Math.abs(ixt_bits - 0.413339 / Math.LN2) < 0.1, `${ixt_bits}`);
      assert.ok(Math.abs(ity_bits - 1) < 0.05, `${ity_bits}`);
    }
    const [without] = rowsOf(await ask("--estimator", "ksg:k=3"));
    assert.deepEqual([without.ixt_bits, without.status], [null, "measured"]);
    const short = join(dir, "short.npy");
    Deno.writeFileSync(short, writeNpy({ data: new Float64Array(3), shape: [3, 1] }));
    assertRefused(await ask("--inputs", short, "--estimator", "ksg"), /there must be 400 inputs, one a row: .*\[3,1\]/);
  });
});

Deno.test("resampling gives intervals and a permutation null, and says why not for an enumerated population", async () => {
  await inFolder(async (dir) => {
    const stream = root(1);
    const n = 200;
    const y = Uint8Array.from({ length: n }, () => stream.integer(2));
    const t = Float32Array.from(y, (label) => (stream.uniform() < 0.2 ? 1 - label : label) - 0.5);
    const files = { activations: join(dir, "t.npy"), labels: join(dir, "y.npy"), pyx: join(dir, "p.npy") };
    Deno.writeFileSync(files.activations, writeNpy({ data: t, shape: [n, 1] }));
    Deno.writeFileSync(files.labels, writeNpy({ data: y, shape: [n] }));
    Deno.writeFileSync(files.pyx, writeNpy({ data: new Float64Array(2 * n).fill(0.5), shape: [n, 2] }));
    const ask = (...more: string[]) =>
      infoplane([
        ...["estimate", "--activations", files.activations, "--labels", files.labels],
        ...["--estimator", "binning:count=2", "--interval", "halves:50", "--permutations", "39", ...more],
      ]);
    const [row] = rowsOf(await ask("--json"));
    assert.ok(row.ity_low_bits! < row.ity_bits && row.ity_bits < row.ity_high_bits!);
    assert.deepEqual(row.diagnostics!.interval, { by: "halves", draws: 50, level: 0.95 });
    assert.equal((row.diagnostics!.permutations as { p: number }).p, 1 / 40);
    assert.match((await ask()).stdout, /0\.\d{6} \[0\.\d{6}, 0\.\d{6}\]/);
    const [whole, near] = rowsOf(await ask("--json", "--pyx", files.pyx, "--estimator", "ksg"));
    assert.deepEqual([whole.labels, near.labels], ["exact", "sampled"]);
    assert.equal(whole.ity_low_bits, null);
    assert.equal(whole.diagnostics!.interval, "skipped: enumerated population");
    assertRefused(await ask("--interval", "thirds:50"), /must be bootstrap:DRAWS or halves:DRAWS: it is "thirds:50"/);
    assertRefused(await ask("--permutations", "3"), /draws must be an integer in 20…10000: it is "3"/);
  });
});

Deno.test("usage that makes no sense exits 2 and help exits 0", async () => {
  assert.equal((await infoplane(["estimate"])).code, 2);
  assert.equal((await infoplane(["estimte"])).code, 2);
  assert.equal((await infoplane(["--help"])).code, 0);
  assert.equal((await infoplane(["estimate", "--help"])).code, 0);
});
