import assert from "node:assert/strict";
import { join } from "node:path";
import { writeNpy } from "../../core/store/npy.ts";
import { inFolder, infoplane, ROOT, type Said, writeTwoBits } from "./harness.ts";

interface Row {
  readonly estimator: string;
  readonly setting: string;
  readonly ixt_bits: number;
  readonly ixt_low_bits: number;
  readonly ixt_high_bits: number;
  readonly ity_bits: number;
  readonly ity_low_bits: number;
  readonly ity_high_bits: number;
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
    close(bounds.ity_low_bits, 2 * lower - upper);
    close(bounds.ity_high_bits, 2 * upper - lower);
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

Deno.test("usage that makes no sense exits 2 and help exits 0", async () => {
  assert.equal((await infoplane(["estimate"])).code, 2);
  assert.equal((await infoplane(["estimte"])).code, 2);
  assert.equal((await infoplane(["--help"])).code, 0);
  assert.equal((await infoplane(["estimate", "--help"])).code, 0);
});
