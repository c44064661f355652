import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../core/random/mod.ts";
import { writeNpy } from "../../core/store/npy.ts";
import { inFolder, infoplane, ROOT, type Said, writeTwoBits } from "./harness.ts";

interface Row {
  readonly estimator: string;
  readonly setting: string;
  readonly ixt_bits: number;
  readonly ity_bits: number;
  readonly status: string;
  readonly cells: number;
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

Deno.test("estimators that learn are trained on files: a decoder on labels, a critic on inputs, a Gaussian on both", async () => {
  await inFolder(async (dir) => {
    const n = 400;
    const stream = root(75);
    const x = Float64Array.from({ length: n }, () => stream.normal());
    const t = x.map((value) => 0.75 * value + Math.sqrt(1 - 0.75 ** 2) * stream.normal());
    const files = { inputs: join(dir, "x.npy"), activations: join(dir, "t.npy"), labels: join(dir, "y.npy") };
    Deno.writeFileSync(files.inputs, writeNpy({ data: x, shape: [n, 1] }));
    Deno.writeFileSync(files.activations, writeNpy({ data: t, shape: [n, 1] }));
    Deno.writeFileSync(files.labels, writeNpy({ data: Uint8Array.from(t, (value) => Number(value > 0)), shape: [n] }));
    const given = ["--activations", files.activations, "--labels", files.labels, "--json"];
    const chosen = [
      "--estimator",
      "decoder:steps=300",
      "--estimator",
      "infonce:batch=16,steps=100",
      "--estimator",
      "gaussian",
    ];
    const ask = async (...more: string[]) => rowsOf(await infoplane(["estimate", ...given, ...chosen, ...more]));
    const [decoder, infonce, gaussian] = await ask("--inputs", files.inputs);
    assert.deepEqual([decoder.ixt_bits, infonce.ity_bits], [null, null]);
    assert.ok(decoder.ity_bits > 0.8 && decoder.ity_bits < 1, `${decoder.ity_bits}`);
    assert.ok(infonce.ixt_bits > 0.1 && infonce.ixt_bits < 1, `${infonce.ixt_bits}`);
    assert.ok(Math.abs(gaussian.ixt_bits - 0.413339 / Math.LN2) < 0.15, `${gaussian.ixt_bits}`);
    const without = await ask();
    assert.deepEqual(without.map(({ status }) => status), ["measured", "skipped", "measured"]);
    assert.deepEqual(without[0], decoder);
    const short = join(dir, "short.npy");
    Deno.writeFileSync(short, writeNpy({ data: new Float64Array(3), shape: [3, 1] }));
    const refused = await infoplane(["estimate", ...given, ...chosen, "--inputs", short]);
    assertRefused(refused, /there must be 400 inputs, one a row: the shape is \[3,1\]/);
  });
});

Deno.test("usage that makes no sense exits 2 and help exits 0", async () => {
  assert.equal((await infoplane(["estimate"])).code, 2);
  assert.equal((await infoplane(["estimte"])).code, 2);
  assert.equal((await infoplane(["--help"])).code, 0);
  assert.equal((await infoplane(["estimate", "--help"])).code, 0);
});
