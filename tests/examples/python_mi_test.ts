import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkEstimator } from "@infoplane/core/conformance";
import { root, testContext } from "@infoplane/core/testing";
import { binormal, drawSample, gaussianMixture, type Truth } from "@infoplane/core/truths";
import { bestUnit } from "../../examples/python-mi/mod.ts";
import type { Sample } from "../../core/contracts/estimator.ts";
import { ksg } from "../../plugins/estimators/ksg.ts";
import { missingFor, pythonTest } from "../core/store/python.ts";
import { inFolder, infoplane, ROOT, writeTwoBits } from "../cli/harness.ts";
import { assertOptionTable } from "./readme_table.ts";

const FOLDER = join(ROOT, "examples/python-mi");
const PACKAGES = ["numpy", "sklearn"];

const ctxOf = (name: string) => ({ ...testContext(root(7).child(name)).ctx, programs: { python3: "python3" } });

function drawn(truth: Truth, n: number, replicate: number): Sample {
  return drawSample(truth, n, root(2014).child("replicate", replicate));
}

async function measured(sample: Sample, neighbours = 3) {
  const found = await bestUnit.estimate(sample, { neighbours }, ctxOf("estimate"));
  return found.status === "measured" ? found : assert.fail(found.reason);
}

pythonTest(
  PACKAGES,
  "the mean of 20 estimates is I(T;Y) of two clouds by quadrature, within four standard errors",
  async () => {
    try {
      for (const distance of [1, 2, 4]) {
        const truth = gaussianMixture(distance);
        const bits: number[] = [];
        for (let r = 0; r < 20; r++) bits.push((await measured(drawn(truth, 1000, r))).ity!.bits);
        const mean = bits.reduce((sum, one) => sum + one, 0) / 20;
        const variance = bits.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 19;
        const tolerance = 4 * Math.sqrt(variance / 20);
        assert.ok(tolerance < 0.03, `the tolerance tells something: ${tolerance}`);
        assert.ok(Math.abs(mean - truth.bits) <= tolerance, `${distance}: ${mean} is not ${truth.bits} ± ${tolerance}`);
      }
    } finally {
      await bestUnit.end();
    }
  },
);

pythonTest(PACKAGES, "of one unit it is what ksg in its mixed form gives, which is the same formula", async () => {
  try {
    for (const neighbours of [3, 10]) {
      const sample = drawn(gaussianMixture(2), 500, 0);
      const { ity, diagnostics } = await measured(sample, neighbours);
      const own = await ksg.estimate(sample, { form: "mixed", k: neighbours } as never, ctxOf("ksg"));
      const expected = own.status === "measured" ? own.ity!.bits : NaN;
      assert.ok(Math.abs(ity!.bits - expected) < 1e-6, `${ity!.bits} is not ${expected}`);
      assert.match(String(diagnostics!.program), /^scikit-learn \d/);
    }
  } finally {
    await bestUnit.end();
  }
});

pythonTest(PACKAGES, "of many units it names the best, and the mean over all is less", async () => {
  try {
    const { ity, ixt, reason, diagnostics } = await measured(drawn(gaussianMixture(4, 5), 1000, 1));
    assert.deepEqual([ixt, reason, diagnostics!.unit], [null, "scikit-learn reads single units: no I(X;T)", 0]);
    assert.ok((diagnostics!.meanBits as number) < ity!.bits / 3);
  } finally {
    await bestUnit.end();
  }
});

pythonTest(PACKAGES, "what scikit-learn cuts off at 0 is no number, and the reason says so", async () => {
  try {
    const samples = Array.from({ length: 12 }, (_, r) => drawn(gaussianMixture(0), 200, r));
    const found = [];
    for (const sample of samples) found.push(await measured(sample));
    const none = found.filter(({ ity }) => ity === null);
    assert.ok(none.length > 0 && none.length < 12, `${none.length} of 12`);
    for (const { reason, diagnostics } of none) {
      assert.match(reason!, /; no I\(T;Y\): scikit-learn cuts estimates off at 0, and that of every unit is$/);
      assert.deepEqual([diagnostics!.meanBits, diagnostics!.unitsAtZero], [0, 1]);
    }
    assert.ok(found.every(({ ity }) => ity === null || ity.bits > 0));
  } finally {
    await bestUnit.end();
  }
});

pythonTest(PACKAGES, "a label of too few rows is skipped, an enumerated population is not supported", async () => {
  try {
    const few = await bestUnit.estimate(drawn(binormal(0.5), 2, 0), { neighbours: 3 }, ctxOf("few"));
    assert.equal(few.status, "skipped");
    assert.match(few.reason!, /^each label must have more than 3 rows: one has \d$/);
    const meta = { n: 4, units: 1, activation: "tanh", exactJoint: true, classes: 2 } as const;
    assert.match(String(bestUnit.supports(meta, { neighbours: 3 })), /enumerate a population$/);
  } finally {
    await bestUnit.end();
  }
});

pythonTest(PACKAGES, "it keeps its promises", async () => {
  try {
    const { conforms, ran, checks } = await checkEstimator(bestUnit, { neighbours: 3 }, ctxOf("check"));
    assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
    assert.ok(conforms && ran >= 16, `ran ${ran}`);
  } finally {
    await bestUnit.end();
  }
});

pythonTest(PACKAGES, "the README's commands run as they stand", async () => {
  const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
  const commands = readme.split("```sh\n")[1].split("```")[0].replaceAll("\\\n", " ").trim().split("\n").slice(1);
  await inFolder(async (dir) => {
    const script =
      "import numpy as np; y = np.arange(40) % 2; np.save('y.npy', y); np.save('t.npy', (y + np.arange(40) / 99)[:, None])";
    await new Deno.Command("python3", { args: ["-c", script], cwd: dir }).output();
    for (const command of commands) {
      const [, , , ...args] = command.split(/\s+/);
      const said = await infoplane(
        args.map((word) => word.startsWith("./examples") ? join(ROOT, word) : word),
        { env: { INIT_CWD: dir } },
      );
      assert.equal(said.code, 0, said.stderr);
      assert.match(
        said.stdout,
        /^acme\/best-unit +\{"neighbours":5\} +[01]\.\d+ +measured|\n {2}ran \d+ of \d+ applicable.*none failed/m,
      );
    }
  });
});

const noPython = missingFor(["sys"]);

Deno.test({
  name: `the script says which package is missing, and ends${noPython ? ` (skipped: ${noPython})` : ""}`,
  ignore: noPython !== undefined,
  async fn() {
    await inFolder(async (dir) => {
      const absent = "raise ImportError(\"No module named 'numpy'\", name='numpy')\n";
      Deno.writeTextFileSync(join(dir, "numpy.py"), absent);
      const { code, stdout } = await new Deno.Command("python3", {
        args: ["-B", join(FOLDER, "estimator.py")],
        env: { PYTHONPATH: dir },
        stdin: "null",
      }).output();
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
        protocol: "infoplane.external/1",
        unavailable: "Python has no numpy: python3 -m pip install scikit-learn",
      });
    });
  },
});

Deno.test({
  name: `the smallest program of core/EXTERNAL.md runs as it stands${noPython ? ` (skipped: ${noPython})` : ""}`,
  ignore: noPython !== undefined,
  async fn() {
    await inFolder(async (dir) => {
      const { activations, labels } = writeTwoBits(dir);
      const text = readFileSync(join(ROOT, "core/EXTERNAL.md"), "utf8");
      Deno.writeTextFileSync(join(dir, "estimator.py"), text.split("```py\n")[1].split("```")[0]);
      Deno.copyFileSync(join(FOLDER, "mod.ts"), join(dir, "mod.ts"));
      const given = ["--plugin", "./mod.ts", "--allow-run", "python3", "--estimator", "acme/best-unit"];
      const said = await infoplane(["estimate", "--activations", activations, "--labels", labels, ...given], {
        env: { INIT_CWD: dir },
      });
      assert.equal(said.code, 0, said.stderr);
      assert.match(said.stdout, /skipped: counted 4 rows\n/);
    });
  },
});

Deno.test("the README's options are those of the schema", () => assertOptionTable("python-mi", bestUnit.options));
