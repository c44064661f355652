import assert from "node:assert/strict";
import { join } from "node:path";
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
  readonly ixt_bits: number;
  readonly ity_bits: number;
  readonly status: string;
  readonly reason: string | null;
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

Deno.test("usage that makes no sense exits 2 and help exits 0", async () => {
  assert.equal((await infoplane(["estimate"])).code, 2);
  assert.equal((await infoplane(["estimte"])).code, 2);
  assert.equal((await infoplane(["--help"])).code, 0);
  assert.equal((await infoplane(["estimate", "--help"])).code, 0);
});
