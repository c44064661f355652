import { existsSync, readdirSync, readFileSync } from "node:fs";
import { inFolder, spawn } from "../cli/harness.ts";
import type { Figure } from "./figure.ts";

const EVERY_MS = 50;
const MIB = 1024;

/** Memory that `reproduce` takes for a study of images, all its processes together, on two slots and from an empty store. */
export async function memoryFigures(): Promise<{ figures: Figure[]; skipped: string[] }> {
  if (!existsSync("/proc/self/status")) return { figures: [], skipped: ["memory: only Linux tells it here"] };
  const value = await peakMebibytes("mnist-cnn", "smoke");
  return {
    figures: [{
      ...{
        id: "memory.mnist",
        name: "peak memory of reproduce mnist-cnn --profile smoke, two slots",
        value,
        unit: "MiB",
      },
      must: { relation: "<=", bound: 3072 },
    }],
    skipped: [],
  };
}

/**
 * MiB of RAM: over all processes that the command started, itself included, the sum of the most that each ever held. No less than what
 * they held at any one moment, however seldom one looks.
 */
export async function peakMebibytes(study: string, profile: string): Promise<number> {
  return await inFolder(async (dir) => {
    const options = ["--profile", profile, "--no-site", "--jobs", "2", "--store", `${dir}/store`, "--out", dir];
    const child = spawn(["reproduce", study, ...options]);
    const most = new Map<number, number>();
    const watch = setInterval(() => {
      for (const pid of familyOf(child.pid)) most.set(pid, Math.max(most.get(pid) ?? 0, peakKibibytes(pid)));
    }, EVERY_MS);
    const { code, stderr } = await child.output();
    clearInterval(watch);
    if (code !== 0) {
      throw new Error(`Cannot measure memory as reproduce must end well: ${new TextDecoder().decode(stderr)}`);
    }
    return [...most.values()].reduce((sum, kibibytes) => sum + kibibytes, 0) / MIB;
  });
}

/** A process and all that come from it. */
function familyOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? Number(fieldOf(Number(name), "PPid")) : 0;
    if (parent > 0) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const family = [root];
  for (const pid of family) family.push(...children.get(pid) ?? []);
  return family;
}

/** KiB of RAM that a process has held at most, 0 if it is gone. */
function peakKibibytes(pid: number): number {
  return Number.parseInt(fieldOf(pid, "VmHWM") ?? "0");
}

/** A field of a process's status; undefined if the process is gone. */
function fieldOf(pid: number, field: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${field}:\\s*(.*)$`, "m"))?.[1];
  } catch {
    return undefined;
  }
}
