import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../core/random/mod.ts";
import { writeNpy } from "../../core/store/npy.ts";
import { writeSafetensors } from "../../core/store/safetensors.ts";
import { inFolder, infoplane, ROOT, type Said, writeTwoBits } from "./harness.ts";

const FIXTURES = join(ROOT, "tests/fixtures/estimate");

interface Row {
  readonly file: string;
  readonly tensor: string | null;
  readonly epoch: number | null;
  readonly layer: number;
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
  readonly reason: string | null;
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

Deno.test("the same bits come out of .npy, .safetensors, .parquet and .csv, also of pandas and the safetensors library", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const [parquet, csv, tensors] = ["parquet", "csv", "safetensors"].map((end) => join(FIXTURES, `two_bits.${end}`));
    const sources: [string, string, string | null][] = [
      [activations, labels, null],
      [csv, `${csv}#y`, null],
      [parquet, `${parquet}#y`, null],
      [activations, `${parquet}#y`, null],
      [`${tensors}#h1`, `${tensors}#y`, "h1"],
    ];
    const found = await Promise.all(sources.map(async ([t, y]) => {
      const [row, corrected] = rowsOf(
        await infoplane([
          ...["estimate", "--activations", t, "--labels", y, "--json", "--estimator", "binning"],
          ...["--estimator", "binning:codebook=equal-mass,count=2,correction=miller-madow"],
        ]),
      );
      const { file, tensor, epoch, layer, ixt_bits, ity_bits, cells } = row;
      assert.equal(corrected.ixt_bits, 2 + 3 / (8 * Math.LN2));
      return [file, tensor, epoch, layer, ixt_bits, ity_bits, cells];
    }));
    assert.deepEqual(found, sources.map(([t, , name]) => [t.split("#")[0], name, null, 1, 2, 1, 4]));
  });
});

Deno.test("a folder is read epoch by epoch, its tensors in the order of their names, digits as numbers", async () => {
  await inFolder(async (dir) => {
    const one = { data: Float32Array.of(-0.5, -0.5, 0.5, 0.5), shape: [4, 1] };
    const both = { data: Float64Array.of(-0.5, -0.5, -0.5, 0.5, 0.5, -0.5, 0.5, 0.5), shape: [4, 2] };
    const labels = { data: Int32Array.of(0, 0, 1, 1), shape: [4] };
    for (const epoch of [10, 9]) {
      const tensors = { h10: one, h9: epoch === 9 ? both : one, y: labels };
      Deno.writeFileSync(join(dir, `net 1 epoch ${epoch}.safetensors`), writeSafetensors(Object.entries(tensors)));
    }
    Deno.writeTextFileSync(join(dir, "notes.txt"), "not a layer");
    const env = { INIT_CWD: dir };
    const shape = ({ file, tensor, epoch, layer, ixt_bits }: Row) => [file, tensor, epoch, layer, ixt_bits];
    const [first, last] = ["net 1 epoch 9.safetensors", "net 1 epoch 10.safetensors"];

    const twice = ["--activations", ".#h9", "--activations", ".#h10", "--labels", `${last}#y`];
    const chosen = rowsOf(await infoplane(["estimate", ...twice, "--json", "--estimator", "binning"], { env }));
    assert.deepEqual(chosen.map(shape), [
      [first, "h9", 9, 1, 2],
      [first, "h10", 9, 2, 1],
      [last, "h9", 10, 1, 1],
      [last, "h10", 10, 2, 1],
    ]);

    const whole = ["--activations", last, "--activations", first + "#h10", "--labels", `${last}#y`];
    const files = rowsOf(await infoplane(["estimate", ...whole, "--json", "--estimator", "binning"], { env }));
    assert.deepEqual(files.map(shape), [[last, "h9", null, 1, 1], [last, "h10", null, 2, 1], [
      first,
      "h10",
      null,
      3,
      1,
    ]]);

    const table = await infoplane(["estimate", ...twice, "--estimator", "binning"], { env });
    assert.match(table.stdout, /^from +epoch +layer +estimator/);
    assert.match(table.stdout, /\nnet 1 epoch 10\.safetensors#h10 +10 +2 +binning/);
  });
});

Deno.test("a known p(y|x) needs no labels, and the population it enumerates no correction", async () => {
  await inFolder(async (dir) => {
    const { activations, pyx } = writeTwoBits(dir);
    const settings = ["--estimator", "binning", "--estimator", "binning:correction=jackknife"];
    const rows = rowsOf(
      await infoplane(["estimate", "--activations", activations, "--pyx", pyx, "--json", ...settings]),
    );
    assert.deepEqual(rows.map(({ ixt_bits, ity_bits, status, reason }) => [ixt_bits, ity_bits, status, reason]), [
      [2, 1, "measured", null],
      [null, null, "skipped", "enumerated population"],
    ]);
  });
});

Deno.test("files that are missing, truncated, lying or of another kind are refused in one line", async () => {
  await inFolder(async (dir) => {
    const { activations, labels, pyx } = writeTwoBits(dir);
    const put = (name: string, bytes: Uint8Array | string) => {
      const path = join(dir, name);
      Deno.writeFileSync(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
      return path;
    };
    const asked: Promise<void>[] = [];
    const refused = (t: string, y: string, line: RegExp, ...more: string[]) => {
      const said = infoplane(["estimate", "--activations", t, "--labels", y, "--estimator", "binning", ...more]);
      asked.push(said.then((said) => assertRefused(said, line)));
    };
    refused(join(dir, "gone.npy"), labels, /Cannot read .*gone\.npy: there is no such file/);
    refused(activations, join(dir, "gone.csv"), /Cannot read .*gone\.csv: there is no such file/);
    refused(activations, dir, /its name must end in \.npy, .*\.csv$/);
    refused(put("t.mat", "MATLAB"), labels, /Cannot read .*t\.mat as its name must end in \.npy/);

    const whole = Deno.readFileSync(activations);
    refused(put("cut.npy", whole.subarray(0, whole.length - 5)), labels, /cut\.npy as \.npy as shape \(4, 2\)/);
    const lying = String.fromCharCode(...whole).replace("(4, 2)", "(9, 9)");
    refused(
      put("lying.npy", Uint8Array.from(lying, (letter) => letter.charCodeAt(0))),
      labels,
      /lying\.npy as \.npy as shape \(9, 9\)/,
    );
    for (const end of ["parquet", "safetensors"]) {
      const whole = Deno.readFileSync(join(FIXTURES, `two_bits.${end}`));
      refused(
        put(`cut.${end}`, whole.subarray(0, whole.length - 5)),
        labels,
        new RegExp(`Cannot read .*cut\\.${end} as`),
      );
    }
    await Promise.all(asked.splice(0));

    refused(
      put("ragged.csv", "a,b\n0,0\n0\n"),
      labels,
      /ragged\.csv as CSV as rows must be of one length: .* line 3 is 1/,
    );
    refused(put("open.csv", 'a,b\n0,"0\n'), labels, /open\.csv as CSV as it must be well-formed: Quote Not Closed/);
    refused(put("text.csv", "a,b\n0,0\n0,low\n"), labels, /text\.csv as column "b" must be numbers: row 1 is "low"/);
    refused(put("index.csv", ",a\n0,0\n1,0\n"), labels, /each column must have a name: that of column 0 is empty/);
    refused(
      put("nan.csv", "0,0\n0,nan\n0,0\n0,0\n"),
      labels,
      /nan\.csv as activations must be finite: row 1, unit 1 is NaN/,
    );
    const odd = writeNpy({ data: Float32Array.of(0, 0, 0, NaN, 0, 0, 0, 0), shape: [4, 2] });
    refused(put("odd.npy", odd), labels, /odd\.npy as activations must be finite: row 1, unit 1 is NaN/);
    await Promise.all(asked.splice(0));

    refused(activations, activations, /there must be one label a row: the shape is \[4,2\]/);
    const five = put("five.npy", writeNpy({ data: new Uint8Array(5), shape: [5] }));
    refused(activations, five, /t\.npy as there must be a row for each of 5 labels: the shape is \[4,2\]/);
    refused(activations, five, /p\(y\|x\) must be \[5, >= 2\]: it is \[4,2\]/, "--pyx", pyx);
    const half = put("half.npy", writeNpy({ data: Float64Array.of(0, 0, 0.5, 1), shape: [4] }));
    refused(activations, half, /labels must be integers from 0 to 255: label 2 is 0\.5/);
    refused(labels, labels, /y\.npy as activations must be \[n, units\]: they are \[4\]/);

    const tensors = join(FIXTURES, "two_bits.safetensors");
    refused(`${tensors}#h11`, labels, /Cannot find tensor "h11" in .*two_bits\.safetensors: did you mean "h1"\?/);
    refused(activations, tensors, /one of its tensors must be named, as .*safetensors#NAME: there are "/);
    refused(activations, `${join(FIXTURES, "two_bits.csv")}#z`, /Cannot find column "z" in .*: did you mean "y"\?/);
    refused(`${activations}#h1`, labels, /Cannot find "h1" in .*t\.npy as it holds one array without a name/);
    await Promise.all(asked.splice(0));

    const empty = join(dir, "empty");
    Deno.mkdirSync(empty);
    Deno.writeTextFileSync(join(empty, "notes.txt"), "");
    refused(empty, labels, /empty as it must hold files that end in \.npy, .*: there is none/);
    const unnumbered = join(dir, "unnumbered");
    Deno.mkdirSync(unnumbered);
    Deno.writeFileSync(join(unnumbered, "last.npy"), whole);
    refused(unnumbered, labels, /last\.npy as digits in its name must tell the epoch: there are none/);
    const unknown = infoplane(["estimate", "--activations", activations]);
    asked.push(
      unknown.then((said) => assertRefused(said, /something must be known of the rows: give --labels, --pyx/)),
    );
    await Promise.all(asked);
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
    assert.match(outside.stderr, /Cannot estimate with "binning" from .*t\.npy: activations must lie in .* is -0\.5/);
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
