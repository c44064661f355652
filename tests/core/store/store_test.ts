import assert from "node:assert/strict";
import { mkdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { keyOf } from "../../../core/store/canonical.ts";
import { type Entry, type NewEntry, openStore, type Store, StoreError } from "../../../core/store/store.ts";
import { entryBy } from "./putting.ts";
import { temporary } from "./temporary.ts";

const PUTTING = fileURLToPath(new URL("putting.ts", import.meta.url));

Deno.test("a store gives back what was put, also after it is opened again", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const entry = await store.put(made({ n: 1 }, 10));
  for (const opened of [store, await openStore(scratch.dir)]) {
    const found = await opened.find("trial", entry.key, 10);
    assert.deepEqual(found, entry);
    assert.deepEqual(await opened.readBlob(found!, "weights"), Uint8Array.of(10, 1, 2));
    assert.equal(await opened.find("measure", entry.key, 10), undefined);
    await assert.rejects(opened.readBlob(found!, "bias"), {
      name: "RangeError",
      message: 'Cannot read blob "bias" as the trial must have it: it has "weights"',
    });
  }
});

Deno.test("a store lies on disk as the format says", async () => {
  await using scratch = await temporary();
  const store = await openStore(join(scratch.dir, "made", "for me"));
  const { key, blobs } = await store.put(made({ n: 1 }, 10));
  const [{ sha256 }] = blobs;
  const read = (...path: string[]) => readFile(join(store.dir, ...path), "utf8");
  assert.equal(await read("format.json"), '{"format":"infoplane.store","version":1}');
  assert.deepEqual([...await readFile(join(store.dir, "v1", "blobs", sha256.slice(0, 2), sha256))], [10, 1, 2]);
  assert.equal(
    await read("v1", "entries", "trial", key.slice(0, 2), key, "10.json"),
    `{"blobs":[{"bytes":3,"name":"weights","sha256":"${sha256}"}],"extent":10,"format":"infoplane.entry","info":{},` +
      `"inputs":{"n":1},"key":"${key}","kind":"trial","outcome":"done","version":1}`,
  );
});

Deno.test("find() gives the smallest entry that covers the request, else one that diverged", async () => {
  const extents = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(extents, fc.option(fc.integer({ min: 0, max: 12 })), async (done, diverged) => {
      await using scratch = await temporary();
      const store = await openStore(scratch.dir);
      const key = keyOf({ n: 1 });
      for (const extent of done.filter((extent) => extent !== diverged)) await store.put(made({ n: 1 }, extent));
      if (diverged !== null) {
        await store.put({ ...made({ n: 1 }, diverged), outcome: "diverged", reason: "loss is NaN" });
      }
      const all = [...done, ...(diverged === null ? [] : [diverged])];
      for (let asked = 0; asked <= 13; asked++) {
        const covering = all.filter((extent) => extent >= asked);
        const expected = covering.length > 0 ? Math.min(...covering) : diverged ?? undefined;
        assert.equal((await store.find("trial", key, asked))?.extent, expected, `asked ${asked} of ${all}`);
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("lookUp() says why there is nothing", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const { key } = made({ n: 1 }, 10);
  assert.deepEqual(await store.lookUp("trial", key, 10), { reason: "never stored" });
  await store.put(made({ n: 1 }, 10));
  assert.deepEqual(await store.lookUp("trial", key, 20), { reason: "covers 10 epochs, not 20" });
});

Deno.test("an entry whose blob is cut, altered or gone is absent with a reason, and putting it again mends it", async () => {
  await using scratch = await temporary();
  const entry = made({ n: 1 }, 10);
  const damages: [(path: string) => Promise<void>, string, string][] = [
    [(path) => truncate(path, 2), "damaged", "found by its size"],
    [(path) => writeFile(path, Uint8Array.of(10, 1, 3)), "damaged", "found by its digest"],
    [(path) => Deno.remove(path), "missing", "found by its absence"],
  ];
  for (const [damage, reason, how] of damages) {
    const store = await openStore(scratch.dir);
    const stored = await store.put(entry);
    const [{ sha256 }] = stored.blobs;
    await damage(join(store.dir, "v1", "blobs", sha256.slice(0, 2), sha256));
    assert.equal(await store.readBlob(stored, "weights"), undefined, how);
    assert.deepEqual(await store.lookUp("trial", entry.key, 10), { reason: `its blob "weights" is ${reason}` }, how);
    assert.ok((await Array.fromAsync(store.verify())).length > 0, how);
    await store.put(entry);
    assert.deepEqual(await store.find("trial", entry.key, 10), stored, how);
    assert.deepEqual(await Array.fromAsync(store.verify()), [], how);
  }
});

Deno.test("an entry with a damaged manifest is absent, named by verify(), and mended by the next put", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const entry = await store.put(made({ n: 1 }, 10));
  const path = `v1/entries/trial/${entry.key.slice(0, 2)}/${entry.key}/10.json`;
  const whole = await readFile(join(store.dir, path), "utf8");
  for (
    const text of ["", whole.slice(0, 90), "null", whole.replace("infoplane.entry", "x"), whole.replace("10", "11")]
  ) {
    await writeFile(join(store.dir, path), text);
    assert.deepEqual(await store.lookUp("trial", entry.key, 10), { reason: "its manifest is damaged" });
    assert.deepEqual(await Array.fromAsync(store.verify()), [{ path, reason: "its manifest is damaged" }]);
    assert.deepEqual(await Array.fromAsync(store.list("trial")), []);
    await store.put(made({ n: 1 }, 10));
    assert.equal(await readFile(join(store.dir, path), "utf8"), whole);
  }
  await writeFile(join(store.dir, path), whole.replace('{"n":1}', '{"n":2}'));
  assert.deepEqual(await Array.fromAsync(store.verify()), [{ path, reason: "its inputs do not hash to its key" }]);
});

Deno.test("put() keeps the first of two results under one key, and tells the second", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const first = await store.put(entryBy("first", { n: 1 }));
  assert.deepEqual(await store.put(entryBy("second", { n: 1 })), first);
  const [a, b] = await store.putMany([entryBy("a", { n: 2 }), entryBy("b", { n: 2 })]);
  assert.deepEqual(a, b);
});

Deno.test("putMany() stores as put() does, and equal blobs once", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const entries = Array.from(
    { length: 60 },
    (_, n) => ({ ...made({ n }, n), blobs: [{ name: "w", bytes: Uint8Array.of(n % 3) }] }),
  );
  const stored = await store.putMany(entries);
  assert.deepEqual(stored.map(({ key }) => key), entries.map(({ key }) => key));
  assert.deepEqual(await store.stats(), {
    entries: { prepare: 0, trial: 60, measure: 0, map: 0 },
    blobs: 3,
    bytes: 3,
    unfinished: 0,
  });
  const listed = await Array.fromAsync(store.list("trial"));
  assert.deepEqual(listed, stored.toSorted((a, b) => a.key < b.key ? -1 : 1));
  assert.deepEqual(await store.putMany([]), []);
});

Deno.test("put() refuses an entry that contradicts itself, and stores nothing of it", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const good = made({ n: 1 }, 10);
  const refused: [Partial<NewEntry>, RegExp][] = [
    [{ key: "a".repeat(64) }, /^Cannot store a trial as its key must be the hash of its inputs: it is "a+"$/],
    [{ extent: -1 }, /^Cannot store a trial as its extent must be an integer >= 0: it is -1$/],
    [
      { blobs: [good.blobs[0], good.blobs[0]] },
      /^Cannot store a trial as names of blobs must differ: weights, weights$/,
    ],
    [{ info: { loss: NaN } }, /^Cannot write canonical JSON as every number must be finite: info\.loss is NaN$/],
  ];
  for (const [part, message] of refused) await assert.rejects(store.put({ ...good, ...part }), { message });
  const { entries, unfinished } = await store.stats();
  assert.deepEqual([entries.trial, unfinished], [0, 0]);
});

Deno.test("openStore() refuses a store of a higher version, and a folder that is marked as something else", async () => {
  await using scratch = await temporary();
  const marker = join(scratch.dir, "format.json");
  const refused: [string, RegExp][] = [
    ['{"format":"infoplane.store","version":2}', /as its version must be at most 1: it is 2, of a newer Infoplane \(/],
    ['{"format":"zarr","version":1}', /as format\.json must name "infoplane\.store": it is something else$/],
    ["{", /as format\.json must name "infoplane\.store": it is something else$/],
  ];
  for (const [text, message] of refused) {
    await writeFile(marker, text);
    await assert.rejects(openStore(scratch.dir), (error: Error) => {
      assert.ok(error instanceof StoreError && error.exitCode === 2);
      return message.test(error.message);
    });
  }
});

Deno.test("openStore() says in a line why it cannot make a folder", async () => {
  await using scratch = await temporary();
  const inTheWay = join(scratch.dir, "file");
  await writeFile(inTheWay, "");
  for (const dir of [inTheWay, join(inTheWay, "store")]) {
    await assert.rejects(openStore(dir), {
      name: "StoreError",
      exitCode: 2,
      message: `Cannot write the store ${dir} as it must be a folder that can be written: a file is in the way`,
    });
  }
});

Deno.test("clean() deletes unfinished files that are old, and nothing else", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const { key, blobs: [{ sha256 }] } = await store.put(made({ n: 1 }, 10));
  const folders = [
    store.dir,
    join(store.dir, "v1", "blobs", sha256.slice(0, 2)),
    join(store.dir, "v1", "entries", "trial", key.slice(0, 2), key),
  ];
  for (const folder of folders) await writeFile(join(folder, ".0123456789abcdef.tmp"), "half a fi");
  const old = new Date(Date.now() - 7200_000);
  await utimes(join(folders[2], ".0123456789abcdef.tmp"), old, old);

  const reopened = await openStore(scratch.dir);
  assert.equal((await reopened.find("trial", key, 10))?.extent, 10);
  assert.deepEqual(await Array.fromAsync(reopened.verify()), []);
  assert.equal((await reopened.stats()).unfinished, 3);
  assert.equal(await reopened.clean(), 1);
  assert.equal(await reopened.clean(0), 2);
  assert.equal((await reopened.stats()).unfinished, 0);
  assert.equal((await reopened.find("trial", key, 10))?.extent, 10);
});

Deno.test("of processes that put the same keys at once exactly one wins each, and all learn who", async () => {
  await using scratch = await temporary();
  const children = ["a", "b", "c"].map((name) => start([scratch.dir, name, "40", "100"]));
  const outputs = await Promise.all(children.map((child) => child.output()));
  const winners = outputs.map(({ code, stdout }) => {
    assert.equal(code, 0);
    return new TextDecoder().decode(stdout);
  });
  assert.equal(winners[1], winners[0]);
  assert.equal(winners[2], winners[0]);
  const store = await openStore(scratch.dir);
  assert.equal(await wholeEntries(store), 40 + 3 * 40);
  assert.equal((await store.stats()).unfinished, 0);
});

Deno.test("a store survives SIGKILL amid many puts: every entry that is found verifies", async () => {
  await using scratch = await temporary();
  let before = 0;
  for (const [round, delay] of [0, 7, 23, 41, 60].entries()) {
    const child = start([scratch.dir, `process ${round}`, "100000", "20000"]);
    const lines = child.stdout.getReader();
    await lines.read();
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGKILL");
    await child.status;
    await lines.cancel();
    const after = await wholeEntries(await openStore(scratch.dir));
    assert.ok(after > before || round > 0, `${after} entries`);
    before = after;
  }
  const store = await openStore(scratch.dir);
  const { unfinished } = await store.stats();
  assert.equal(await store.clean(0), unfinished);
});

linuxTest(
  "a full disk gives one line and exit code 2, and leaves no half entry",
  "mount -t tmpfs -o size=400k tmpfs MNT",
  async (inMount) => {
    const { code, text, found } = await inMount(`deno run -A ${PUTTING} MNT full 1000 20000`);
    assert.equal(code, 2);
    assert.match(
      text.trimEnd().split("\n").at(-1)!,
      /^Cannot write the store .* as its disk must have room: the disk is full$/,
    );
    assert.ok(found.entries > 2, `${found.entries} entries`);
    assert.deepEqual(found.damage, []);
    assert.equal(found.unfinished, 0);
  },
);

linuxTest(
  "a read-only file system can be read, and refuses a put in one line",
  "mount -t tmpfs tmpfs MNT",
  async (inMount) => {
    const { code, text, found } = await inMount(
      `deno run -A ${PUTTING} MNT first 2 10 && mount -o remount,ro MNT && deno run -A ${PUTTING} MNT second 4 10`,
    );
    assert.equal(code, 2);
    assert.match(
      text.trimEnd().split("\n").at(-1)!,
      /must be a folder that can be written: the file system is read-only$/,
    );
    assert.equal(found.entries, 4);
  },
);

linuxTest("a limit of file size refuses a put in one line, and leaves no half entry", "true", async (inMount) => {
  const { code, text, found } = await inMount(
    `(trap '' XFSZ; ulimit -f 64; deno run -A --cached-only ${PUTTING} MNT limited 2 200000)`,
  );
  assert.equal(code, 2);
  assert.match(
    text.trimEnd(),
    /^Cannot write the store .* as its disk must have room: a file would exceed the limit of file size$/,
  );
  assert.deepEqual(found, { entries: 0, damage: [], unfinished: 0 });
});

function made(inputs: { n: number }, extent: number): NewEntry {
  const blobs = [{ name: "weights", bytes: Uint8Array.of(extent, inputs.n, 2) }];
  return { kind: "trial", key: keyOf(inputs), extent, outcome: "done", inputs, blobs, info: {} };
}

function start(args: string[]): Deno.ChildProcess {
  return new Deno.Command("deno", { args: ["run", "-A", PUTTING, ...args], stdout: "piped" }).spawn();
}

/** Counts the entries of a store, each read whole. */
async function wholeEntries(store: Store): Promise<number> {
  let whole = 0;
  for await (const entry of store.list("trial")) {
    assert.ok(await readsWhole(store, entry));
    whole++;
  }
  assert.deepEqual(await Array.fromAsync(store.verify()), []);
  return whole;
}

async function readsWhole(store: Store, entry: Entry): Promise<boolean> {
  const blobs = await Promise.all(entry.blobs.map(({ name }) => store.readBlob(entry, name)));
  return blobs.every((blob) => blob !== undefined);
}

interface InMount {
  readonly code: number;
  readonly text: string;
  readonly found: { readonly entries: number; readonly damage: readonly unknown[]; readonly unfinished: number };
}

/** A test within mounts of its own, so that it can fill a disk; skipped where the kernel does not let us. */
function linuxTest(
  name: string,
  prepare: string,
  fn: (inMount: (script: string) => Promise<InMount>) => Promise<void>,
): void {
  const allowed = isAllowed();
  Deno.test(allowed ? name : `${name} (skipped: no mounts of our own)`, { ignore: !allowed }, async () => {
    await using scratch = await temporary();
    const mount = join(scratch.dir, "mount");
    await mkdir(mount);
    const check = fileURLToPath(new URL("checking.ts", import.meta.url));
    await fn(async (script) => {
      const whole = `${prepare} >&2; ${script}; code=$?; echo; deno run -A ${check} MNT; exit $code`;
      const command = ["-rm", "sh", "-c", whole.replaceAll("MNT", mount)];
      const { code, stdout } = await new Deno.Command("unshare", { args: command }).output();
      const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
      const found = JSON.parse(lines.pop()!);
      return { code, text: lines.join("\n"), found };
    });
  });
}

function isAllowed(): boolean {
  try {
    const script = "mount -t tmpfs tmpfs /mnt";
    return new Deno.Command("unshare", { args: ["-rm", "sh", "-c", script], stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("list() finds entries by how their keys start, and pathOf() says where they stand", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const entries = await store.putMany(Array.from({ length: 40 }, (_, n) => made({ n }, 1)));
  for (const length of [0, 1, 2, 5, 64]) {
    const start = entries[7].key.slice(0, length);
    const found: string[] = [];
    for await (const { key } of store.list("trial", start)) found.push(key);
    assert.deepEqual(found, entries.map(({ key }) => key).filter((key) => key.startsWith(start)).sort());
  }
  assert.equal(JSON.parse(await readFile(store.pathOf(entries[7]), "utf8")).key, entries[7].key);
});
