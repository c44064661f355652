import assert from "node:assert/strict";
import type { Study } from "../../../core/contracts/study.ts";
import { atProfile, cellsOf } from "../../../core/pipeline/cells.ts";
import { readStudy } from "../../../core/pipeline/study_schema.ts";

const study: Study = {
  format: 1,
  id: "example",
  title: "Does it?",
  seed: 1,
  base: {
    dataset: { id: "rule", options: { gamma: 12 } },
    architecture: { id: "dense", options: { widths: [3, 2] } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 100 },
  },
  arms: {
    main: {},
    adam: { role: "variant", replicates: 2, training: { optimiser: { id: "adam", rate: 0.001 } } },
    other: { role: "control", dataset: { id: "noise" } },
  },
  axes: [{ path: "training.batch", values: [16, "full"] }],
  replicates: 5,
  measure: [],
  analyses: [],
  profiles: { smoke: { replicates: 1, "base.training.epochs": 3, "arms.adam.replicates": 1 }, quick: {}, full: {} },
};

Deno.test("cellsOf() crosses every arm with every axis value: main arms, then controls, then variants", () => {
  const cells = cellsOf(readStudy(study));
  assert.deepEqual(cells.map(({ arm, axes }) => `${arm} ${axes}`), [
    'main {"training.batch":16}',
    'main {"training.batch":"full"}',
    'other {"training.batch":16}',
    'other {"training.batch":"full"}',
    'adam {"training.batch":16}',
    'adam {"training.batch":"full"}',
  ]);
  assert.deepEqual(cells.map(({ role }) => role), ["main", "main", "control", "control", "variant", "variant"]);
  assert.deepEqual(cells.map(({ replicates }) => replicates), [5, 5, 5, 5, 2, 2]);
  assert.equal(cells[1].setup.training.batch, "full");
});

Deno.test("readStudy() refuses a study of a higher format by its name and number", () => {
  assert.throws(() => readStudy({ ...study, format: 2, colour: "red" }), {
    message: 'Cannot read study "example" as its format must be at most 1: it is 2, of a newer Infoplane ' +
      "(core/VERSIONING.md says what is read)",
  });
  assert.throws(() => readStudy({ ...study, colour: "red" }), /Cannot find option "colour" of study "example"/);
});

Deno.test("points of an axis within what an arm brings are each their own, and the study stays as it is", () => {
  const known = readStudy({
    ...study,
    base: { ...study.base, dataset: { id: "law" } },
    arms: { main: { dataset: { options: { law: "normal" } } } },
    axes: [{ path: "dataset.options.rows", values: [10, 20] }],
  });
  const before = structuredClone(known);
  assert.deepEqual(cellsOf(known).map(({ setup }) => setup.dataset.options), [
    { law: "normal", rows: 10 },
    { law: "normal", rows: 20 },
  ]);
  assert.deepEqual(known, before);
});

Deno.test("the order in which arms are written cannot show, and one of them must be the main one", () => {
  const { main, adam, other } = study.arms!;
  assert.deepEqual(cellsOf(readStudy({ ...study, arms: { other, adam, main } })), cellsOf(readStudy(study)));
  assert.equal(cellsOf(readStudy({ ...study, arms: { sgd: {} } }))[0].role, "main");
  const rivals = { zeal: { role: "main" }, adam: { role: "main" }, main: {} };
  const names = cellsOf(readStudy({ ...study, axes: [], arms: rivals })).map(({ arm }) => arm);
  assert.deepEqual(names, ["main", "adam", "zeal"]);
  assert.throws(() => cellsOf(readStudy({ ...study, arms: { sgd: {}, adam } })), {
    message:
      'Cannot plan study "example" as an arm must be named "main" or have the role "main": its arms are sgd, adam',
  });
});

Deno.test("cellsOf() replaces an object whose id changes and merges the others", () => {
  const [, , other, , adam] = cellsOf(readStudy(study));
  assert.deepEqual(adam.setup.training.optimiser, { id: "adam", rate: 0.001 });
  assert.deepEqual(adam.setup.dataset, { id: "rule", options: { gamma: 12 } });
  assert.deepEqual(other.setup.dataset, { id: "noise" });
});

Deno.test("atProfile() applies patches by path and leaves the study as it was", () => {
  const before = structuredClone(study);
  const smoke = atProfile(readStudy(study), "smoke");
  assert.equal(smoke.replicates, 1);
  assert.equal(smoke.base.training.epochs, 3);
  assert.equal(smoke.arms?.adam.replicates, 1);
  assert.deepEqual(study, before);
});

Deno.test("atProfile() and readStudy() say what does not fit, and the nearest valid name", () => {
  assert.throws(() => atProfile(study, "quik"), {
    message: 'Cannot find profile "quik" of study "example": did you mean "quick"?',
  });
  const patched = (path: string, value: number): Study => ({
    ...study,
    profiles: { ...study.profiles, quick: { [path]: value } },
  });
  assert.throws(
    () => atProfile(patched("base.trainig.epochs", 3), "quick"),
    /leads nowhere: there is no "trainig": did you mean "training"/,
  );
  assert.throws(
    () => atProfile(patched("base.training.epoch", 3), "quick"),
    /"base.training.epoch" of study "example": did you mean "epochs"/,
  );
  assert.throws(
    () => atProfile(patched("replicates", -1), "quick"),
    /option "replicates" of study "example".*it is -1/,
  );
  assert.throws(
    () => readStudy({ ...study, replicats: 3 }),
    /Cannot find option "replicats" of study "example": did you mean "replicates"/,
  );
  assert.throws(() => readStudy({ ...study, seed: "x" }), /option "seed" of study "example".*it is "x"/);
  assert.throws(() => readStudy(null), /must be an object: it is null/);
});
