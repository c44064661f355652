import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "..");

/** Folders of core in the order of who may import whom: a folder imports its own tier and those before. */
const TIERS = [["contracts"], ["random", "numerics"], ["kernels", "truths"], ["training", "measuring", "claims"], [
  "pipeline",
  "store",
  "execution",
  "conformance",
], ["cli"]];

/** The only places that may import by a computed specifier, start workers or locate code by URL. */
const COMPUTED = [
  "core/kernels/build.ts",
  "core/execution/slot.ts",
  "core/execution/slots.ts",
  "core/cli/workspace.ts",
];

function files(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes("node_modules") && !path.startsWith("core/kernels/assembly"))
    .sort();
}

const sources = ["core", "plugins", "examples", "reports"].flatMap((folder) => files(folder, /\.ts$/));

interface Edge {
  readonly from: string;
  readonly to: string;
  /** Only types are taken, or the import is a call that may never be made. */
  readonly lazy?: boolean;
}

async function edges(): Promise<Edge[]> {
  const entry = await Deno.makeTempFile({ dir: join(ROOT, "tests"), prefix: ".all_", suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, sources.map((path) => `import "../${path}";`).join("\n"));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", join(ROOT, "deno.json"), entry],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
      modules: {
        specifier: string;
        dependencies?: { code?: { specifier: string }; type?: { specifier: string }; isDynamic?: boolean }[];
      }[];
    };
    const base = `file://${ROOT}/`;
    const short = (specifier: string) => specifier.startsWith(base) ? specifier.slice(base.length) : specifier;
    return modules.flatMap(({ specifier, dependencies = [] }) =>
      dependencies.flatMap(({ code, type, isDynamic = false }) =>
        [code, type].flatMap((target) =>
          target ? [{ from: short(specifier), to: short(target.specifier), lazy: isDynamic || target === type }] : []
        )
      )
    ).filter(({ from }) => sources.includes(from));
  } finally {
    await Deno.remove(entry);
  }
}

/** What importing a module loads: itself and what its code imports, directly or not; what only its types name is not loaded. */
async function loading(): Promise<(entry: string) => string[]> {
  const all = (await edges()).filter(({ lazy }) => !lazy);
  return (entry) => {
    const found = new Set([entry]);
    for (const module of found) {
      for (const { from, to } of all) if (from === module) found.add(to);
    }
    return [...found];
  };
}

function refusal({ from, to }: Edge): string | undefined {
  const [house, room] = from.split("/");
  const [target, targetRoom] = to.split("/");
  const outside = !sources.includes(to);
  if (house === "core") {
    if (!outside && target !== "core") return "core knows no plugin, study or example";
    if (from === "core/mod.ts") {
      return to.startsWith("core/contracts/") ? undefined : "core/mod.ts loads contracts alone";
    }
    if (room === "contracts") return to.startsWith("core/contracts/") ? undefined : "contracts import nothing outside";
    if (from === "core/browser.ts") {
      if (/^node:|\bcli\b|\bexecution\b|\bstore\b|\bpipeline\b/.test(to)) {
        return "the browser entry needs neither Deno nor node:";
      }
      return undefined;
    }
    const tier = TIERS.findIndex((tier) => tier.includes(room));
    const other = TIERS.findIndex((tier) => tier.includes(targetRoom));
    if (!outside && tier >= 0 && other > tier) return `${room} comes before ${targetRoom}`;
    if (tier >= 0 && tier <= 3 && to.startsWith("node:") && !from.endsWith("kernels/build.ts")) {
      return "the engine runs in browsers too";
    }
    return undefined;
  }
  if (house === "plugins" || house === "examples") {
    if (outside) return to.startsWith("node:") ? "plugins use nothing of the host" : undefined;
    if (from === "plugins/mod.ts") return undefined;
    if (target === "core") {
      const exported = [
        "mod.ts",
        "numerics/mod.ts",
        "random/mod.ts",
        "claims/mod.ts",
        "kernels/mod.ts",
        "training/mod.ts",
        "files.ts",
        "truths/mod.ts",
        "conformance/mod.ts",
        "testing.ts",
        "browser.ts",
        "tfjs.ts",
        "external.ts",
        "images.ts",
      ].map((path) => `core/${path}`);
      return exported.includes(to)
        ? undefined
        : "a plugin imports what a stranger can: @infoplane/core and its sub-exports";
    }
    const folder = from.split("/").slice(0, 2).join("/");
    if (house === "examples" && to.startsWith(`${folder}/`)) return undefined;
    return "plugins never import each other";
  }
  if (house === "reports" && from.startsWith("reports/figures/")) {
    if (!outside && target === "core" && targetRoom !== "contracts") return "figures import the bundle format alone";
  }
  return undefined;
}

Deno.test("every import follows the house rule of who may import whom", async () => {
  const all = await edges();
  assert.ok(all.length > 100, "the graph is there");
  const refused = all.flatMap((edge) => {
    const reason = refusal(edge);
    return reason ? [`${edge.from} imports ${edge.to}: ${reason}`] : [];
  });
  assert.deepEqual(refused, []);
});

Deno.test("tfjs is loaded by nobody who does not train or write a net for it", async () => {
  const loaded = await loading();
  const reached = (entry: string) => loaded(entry).filter((module) => module.includes("@tensorflow"));
  for (
    const entry of ["core/mod.ts", "core/browser.ts", "core/cli/main.ts", "core/execution/slot.ts", "plugins/mod.ts"]
  ) {
    assert.deepEqual(reached(entry), [], entry);
  }
  assert.ok(reached("core/tfjs.ts").length > 0);
});

Deno.test("importing @infoplane/core loads at most twenty modules: contracts, no npm package, no WebAssembly", async () => {
  const loaded = (await loading())("core/mod.ts");
  assert.ok(loaded.length <= 20, `it loads ${loaded.length}: ${loaded.join(", ")}`);
  assert.deepEqual(loaded.filter((module) => !/^core\/(mod|contracts\/\w+)\.ts$/.test(module)), []);
  assert.ok(loaded.includes("core/contracts/plugin.ts"));
  assert.ok(!loaded.includes("core/contracts/tensor.ts"), "types alone are not loaded");
});

Deno.test("the rule itself refuses what it should", () => {
  assert.ok(refusal({ from: "core/numerics/entropy.ts", to: "core/store/store.ts" }));
  assert.ok(refusal({ from: "core/contracts/rows.ts", to: "npm:zod" }));
  assert.ok(refusal({ from: "plugins/estimators/binning.ts", to: "plugins/datasets/symmetric_rule.ts" }));
  assert.ok(refusal({ from: "plugins/estimators/binning.ts", to: "core/store/canonical.ts" }));
  assert.ok(refusal({ from: "core/pipeline/plan.ts", to: "plugins/mod.ts" }));
  assert.equal(refusal({ from: "core/cli/main.ts", to: "core/pipeline/plan.ts" }), undefined);
});

Deno.test("code is imported by computed specifiers, workers or URLs in a short list of places only", () => {
  const found = sources.filter((path) => {
    if (COMPUTED.includes(path)) return false;
    const text = withoutComments(readFileSync(join(ROOT, path), "utf8"));
    return /\bimport\(\s*[^"'\s)]/.test(text) || /new Worker\(/.test(text) || /new URL\([^)]*\.ts\b/.test(text);
  });
  assert.deepEqual(found, []);
});

Deno.test("the TypeScript behind portable rows calls nothing that differs between engines", () => {
  const portable = sources.filter((path) =>
    /^core\/(contracts|random|numerics|truths|kernels|training|measuring|claims)\/|^plugins\/|^examples\//.test(path)
  );
  assert.ok(portable.length > 30);
  const found = portable.flatMap((path) => {
    const text = withoutComments(readFileSync(join(ROOT, path), "utf8"));
    const calls = text.match(
      /Math\.(exp|expm1|log|log2|log10|log1p|pow|tanh|sinh|cosh|sin|cos|tan|asin|acos|atan|atan2|hypot|cbrt|random)\b|\*\*|\.toLocale\w*|\.localeCompare|Intl\.|Date\.|performance\./g,
    );
    return calls ? [`${path}: ${[...new Set(calls)].join(", ")}`] : [];
  });
  assert.deepEqual(found, []);
});

Deno.test("core knows no plugin by name", () => {
  const ids = ["symmetric-rule", '"binning"', "two-phases", "dpi-chain"];
  const found = files("core", /\.ts$/).filter((path) => {
    // What `new` writes is the user's.
    if (path.startsWith("core/cli/templates/")) return false;
    const text = withoutComments(readFileSync(join(ROOT, path), "utf8"));
    return ids.some((id) => text.includes(id));
  });
  assert.deepEqual(found, []);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}
