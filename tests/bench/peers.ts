import { fileURLToPath } from "node:url";
import { type Figure, ms, times } from "./figure.ts";

/** What a script beside this file printed, or why it could not. */
type Said = { readonly [name: string]: number | string | readonly number[] } | { readonly absent: string };

/** Runs a script of `peers/` with the interpreter that INFOPLANE_PYTHON names, python3 unless told; one thread. */
export async function runPeer(script: string, ...args: string[]): Promise<Said> {
  const python = Deno.env.get("INFOPLANE_PYTHON") ?? "python3";
  const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const threads = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  try {
    const { code, stdout, stderr } = await new Deno.Command(python, {
      args: ["-B", path, ...args],
      env: threads,
    }).output();
    if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
    return { absent: new TextDecoder().decode(stderr).trim().split("\n").pop()! };
  } catch {
    return { absent: `there is no ${python}` };
  }
}

/** The engine's step against other programs' in the same pass. */
export async function enginePeers(
  small: number,
  wide: number,
): Promise<{ figures: Figure[]; skipped: string[] }> {
  const figures: Figure[] = [];
  const skipped: string[] = [];
  const compare = async (net: "small" | "wide", own: number) => {
    const torch = await runPeer("torch_step.py", net);
    if ("absent" in torch) skipped.push(`PyTorch, ${net} net: ${torch.absent}`);
    else {
      const must = net === "small" ? [4.5, 6] : [];
      figures.push(
        ms(`step.${net}.torch.ms`, `the ${net} net in PyTorch ${torch.version}, eager, one thread`, +torch.eager_ms),
        times(`step.${net}.torch`, `PyTorch eager / ours, ${net} net`, +torch.eager_ms / own, ...must),
      );
      if (net === "small") {
        figures.push(
          ms("step.small.torch50.ms", "a net of 50 in PyTorch by baddbmm, one thread", +torch.together_ms),
          times("step.small.torch50", "PyTorch a net of 50 / ours, small net", +torch.together_ms / own, 2, 3),
        );
      }
    }
    const jax = await runPeer("jax_step.py", net);
    if ("absent" in jax) skipped.push(`JAX, ${net} net: ${jax.absent}`);
    else {
      figures.push(
        times(
          `step.${net}.jax`,
          `JAX ${jax.version} compiled, one net, one thread / ours, ${net} net`,
          +jax.compiled_ms / own,
        ),
        ms(`step.${net}.jax50.ms`, `a ${net} net of 50 in JAX by vmap, one thread`, +jax.together_ms),
        {
          ...times(`step.${net}.jax50`, `JAX a net of 50 / ours, ${net} net`, +jax.together_ms / own),
          aim: net === "small" ? { relation: ">=", bound: 1 } : undefined,
        },
      );
    }
  };
  await compare("small", small);
  await compare("wide", wide);
  return { figures, skipped };
}
