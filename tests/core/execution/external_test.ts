import assert from "node:assert/strict";
import { join } from "node:path";
import type { Estimate } from "../../../core/contracts/estimator.ts";
import type { Json } from "../../../core/contracts/tensor.ts";
import { Problem } from "../../../core/contracts/problem.ts";
import { bytesOf, type Request } from "../../../core/execution/messages.ts";
import { LIMITS, openSlots, type Slots } from "../../../core/execution/slots.ts";
import { inFolder, infoplane, ROOT, spawn, writeTwoBits } from "../../cli/harness.ts";

const EXTERNAL = "./tests/fixtures/plugins/external.ts";
const PROGRAMS = [Deno.execPath(), "no-such-program"];

async function withSlots<Result>(
  work: (slots: Slots, log: readonly string[]) => Promise<Result>,
  { limits = LIMITS, run = PROGRAMS }: { limits?: typeof LIMITS; run?: readonly string[] } = {},
): Promise<Result> {
  const log: string[] = [];
  const sources = [{ from: EXTERNAL, allow: { run } }];
  const slots = openSlots({ root: ROOT, sources, data: [], jobs: 1, limits, log: (line) => log.push(line) });
  try {
    return await work(slots, log);
  } finally {
    slots.close();
  }
}

async function estimate(slots: Slots, id: string, deed = "good"): Promise<Estimate> {
  const request: Request = {
    verb: "estimate",
    estimator: { id, options: { deed } },
    activations: { type: "f32", shape: [4, 1], scale: 1, offset: 0 },
    inputs: { type: "u8", shape: [4, 1], scale: 2, offset: -1 },
    activation: "tanh",
    classes: 2,
    exactJoint: true,
    layer: 3,
  };
  const parts = [
    bytesOf(Float32Array.of(-1, 0.5, -0.25, 1)),
    Uint8Array.of(0, 1, 0, 1),
    Uint8Array.of(0, 1, 1, 0),
    bytesOf(Float64Array.of(0.1, 0.2, 0.3, 0.4)),
    bytesOf(Float64Array.of(1, 0, 0, 1, 1, 0, 0.5, 0.5)),
  ];
  return (await slots.ask(EXTERNAL, request, parts)).value as Estimate;
}

async function refusal(slots: Slots, id: string, deed: string): Promise<string> {
  return await estimate(slots, id, deed).then(
    (found) => assert.fail(`${deed} gave ${JSON.stringify(found)}`),
    (error) => (assert.equal((error as Problem).exitCode, 4), (error as Problem).message),
  );
}

function diagnosticsOf(found: Estimate): { readonly [name: string]: Json } {
  assert.equal(found.status, "measured", String(found.reason));
  return found.status === "measured" ? found.diagnostics! : {};
}

/** Whether a process is there; one that is dead and not yet collected is not. */
async function runs(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).output();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
}

async function isSoonGone(pid: number): Promise<void> {
  for (let i = 0; i < 50 && await runs(pid); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await runs(pid), false, `process ${pid} is left`);
}

Deno.test("a program gets all that is known of the sample, and its answer is an estimate", async () => {
  await withSlots(async (slots) => {
    const found = await estimate(slots, "acme/willing");
    const { pid, seed, ...diagnostics } = diagnosticsOf(found);
    assert.ok(Number.isInteger(pid) && Number.isInteger(seed));
    assert.deepEqual(diagnostics, {
      program: "fixture 1",
      layer: 3,
      meta: { n: 4, units: 1, activation: "tanh", range: [-1, 1], exactJoint: true, classes: 2 },
      found: {
        activations: [-1, 0.5, -0.25, 1],
        labels: [0, 1, 0, 1],
        px: [0.1, 0.2, 0.3, 0.4],
        pyx: [1, 0, 0, 1, 1, 0, 0.5, 0.5],
        inputs: [-1, 1, 1, -1],
      },
    });
    assert.deepEqual({ ...found, diagnostics: null }, {
      status: "measured",
      ixt: { bits: 0.5 },
      ity: { bits: 0.25 },
      ceilingBits: null,
      diagnostics: null,
    });
  });
});

Deno.test("one process answers many questions, from one seed, and is gone when the slots are closed", async () => {
  const pid = await withSlots(async (slots) => {
    const first = diagnosticsOf(await estimate(slots, "acme/willing"));
    assert.deepEqual(diagnosticsOf(await estimate(slots, "acme/willing")), first);
    assert.ok(await runs(first.pid as number));
    return first.pid as number;
  });
  await isSoonGone(pid);
});

Deno.test("a program that fails is ended with a reason and its last words, and the next question starts it again", async () => {
  const cases: Record<string, RegExp> = {
    garbled:
      /^Cannot estimate with deno as it must say one JSON object a line: it said "Loading model… done"; it said last: /,
    endless: /as its lines must be shorter than 1048576 characters: one is longer/,
    silent: /as it said nothing for 2 s; it said last: .*process \d+ is asked to be silent$/,
    gone: /as it ended with code 7; it said last: .*process \d+ is asked to be gone \| no more paper$/,
    "not-a-number": /one JSON object a line: it said .*NaN/,
    confused: /as it must answer request \d+: it said/,
  };
  await withSlots(async (slots) => {
    let pid: Json = null;
    for (const [deed, reason] of Object.entries(cases)) {
      const before = diagnosticsOf(await estimate(slots, "acme/willing")).pid;
      assert.notEqual(before, pid, `after it was ${deed}`);
      assert.match(await refusal(slots, "acme/willing", deed), reason);
      await isSoonGone(before as number);
      pid = before;
    }
    assert.match(
      await refusal(slots, "acme/old", "good"),
      /as it must begin with protocol "infoplane.external\/1": it said .*external\/0/,
    );
  });
});

Deno.test("what is no estimate is a failed one, empty lines and bars of progress are nothing, and the program goes on", async () => {
  const cases: Record<string, string> = {
    infinite: "fixture 1 gave I(X;T) = inf [undefined, undefined]: not finite",
    speechless: "fixture 1 gave no I(T;Y) and no reason",
    sorry: "the matrix is singular",
  };
  await withSlots(async (slots) => {
    const { pid } = diagnosticsOf(await estimate(slots, "acme/willing"));
    for (const [deed, reason] of Object.entries(cases)) {
      assert.deepEqual(await estimate(slots, "acme/willing", deed), { status: "failed", reason });
    }
    diagnosticsOf(await estimate(slots, "acme/willing", "chatty"));
    assert.equal(diagnosticsOf(await estimate(slots, "acme/willing")).pid, pid);
  });
});

Deno.test("a program has the memory of its slot, and what takes more is ended", async () => {
  await withSlots(async (slots) => {
    assert.match(await refusal(slots, "acme/willing", "greedy"), /700 MiB|as it was ended by|as it ended with code/);
    diagnosticsOf(await estimate(slots, "acme/willing"));
  }, { limits: { ...LIMITS, memoryMb: 700 } });
});

Deno.test("a program that hangs dies with its slot when the host gives that up", async () => {
  await withSlots(async (slots, log) => {
    assert.match(await refusal(slots, "acme/willing", "silent"), /as it said nothing for 1 s$/);
    const pid = Number(log.join("\n").match(/process (\d+) is asked to be silent/)?.[1]);
    await isSoonGone(pid);
  }, { limits: { ...LIMITS, silenceSeconds: 1 } });
});

Deno.test("a program that hangs dies when the host is killed: the slot hears the end of its input", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    const files = ["--activations", activations, "--labels", labels];
    const chosen = ["--plugin", join(ROOT, EXTERNAL), "--allow-run", Deno.execPath(), "--estimator"];
    const host = spawn(["estimate", ...files, ...chosen, "acme/patient:deed=silent"]);
    let said = "";
    for await (const text of host.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.includes("asked to be silent")) break;
    }
    host.kill("SIGKILL");
    await host.stdout.cancel();
    await host.status;
    await isSoonGone(Number(said.match(/process (\d+)/)?.[1]));
  });
});

Deno.test("what is not granted, not installed or lacks a library is skipped with a reason that helps", async () => {
  const reasonOf = async (slots: Slots, id: string) => {
    const found = await estimate(slots, id);
    assert.deepEqual([found.status, (found as { unavailable?: true }).unavailable], ["skipped", true]);
    return found.reason;
  };
  await withSlots(async (slots) => {
    assert.equal(await reasonOf(slots, "acme/lacks"), "there is no such library");
    assert.equal(await reasonOf(slots, "acme/lacks"), "there is no such library");
    assert.match((await reasonOf(slots, "acme/absent"))!, /^no-such-program is not installed: /);
  });
  await withSlots(async (slots) => {
    assert.match((await reasonOf(slots, "acme/willing"))!, /^deno is not granted: .*allow: \{ run: \["deno"\] \}/);
  }, { run: [] });
});

Deno.test("a plugin that was granted one program starts no other", async () => {
  await withSlots(async (slots) => {
    assert.match(await refusal(slots, "acme/starts-another", "good"), /Requires run access/);
  });
});

Deno.test("programs are granted to the plugins given beside them, or in the configuration: exit code 2 elsewhere", async () => {
  const said = await infoplane(["list", "--allow-run", "python3"]);
  assert.equal(said.code, 2);
  assert.match(
    said.stderr,
    /^infoplane: Cannot grant python3 as --allow-run is for plugins given by --plugin: there is none/,
  );
});
