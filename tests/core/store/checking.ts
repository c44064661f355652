/** Prints what a store holds, as JSON: `checking.ts DIR`. For tests whose store lies on a disk that they mounted. */
import { openStore } from "../../../core/store/store.ts";

const store = await openStore(Deno.args[0]);
const entries = await Array.fromAsync(store.list("trial"));
const damage = await Array.fromAsync(store.verify());
console.log(JSON.stringify({ entries: entries.length, damage, unfinished: (await store.stats()).unfinished }));
