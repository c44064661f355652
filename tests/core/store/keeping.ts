/** A process that keeps one checkpoint after another, for tests that kill it: `keeping.ts DIR`. Says when the first is kept. */
import { keyOf } from "../../../core/store/canonical.ts";
import { openStore } from "../../../core/store/store.ts";

const { checkpoints } = await openStore(Deno.args[0]);
for (let epoch = 1;; epoch++) {
  await checkpoints.keep(keyOf({ n: 1 }), 8, { epoch, bytes: new Uint8Array(200_000).fill(epoch) });
  if (epoch === 1) console.log("kept");
}
