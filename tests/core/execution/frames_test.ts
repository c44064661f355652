import assert from "node:assert/strict";
import fc from "fast-check";
import { packRows, unpackRows } from "../../../core/execution/columns.ts";
import { encodeFrame, type Frame, readFrames } from "../../../core/execution/frames.ts";

const frame = fc.record({
  head: fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })),
  parts: fc.array(fc.uint8Array({ maxLength: 100 })),
}) as fc.Arbitrary<Frame>;

Deno.test("readFrames() gives back what encodeFrame() wrote, however the bytes are cut", async () => {
  await fc.assert(fc.asyncProperty(fc.array(frame), fc.integer({ min: 1, max: 97 }), async (frames, step) => {
    const bytes = await new Blob(frames.map(encodeFrame)).bytes();
    const cut = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < bytes.length; i += step) controller.enqueue(bytes.slice(i, i + step));
        controller.close();
      },
    });
    const read = await Array.fromAsync(readFrames(cut));
    assert.equal(read.length, frames.length);
    read.forEach((got, i) => {
      assert.deepEqual(got.head, JSON.parse(JSON.stringify(frames[i].head)));
      assert.deepEqual(got.parts.map((part) => [...part]), frames[i].parts.map((part) => [...part]));
    });
  }));
});

Deno.test("readFrames() refuses a stream that ends within a message, and bytes that are none", async () => {
  const whole = encodeFrame({ head: { a: 1 }, parts: [Uint8Array.of(1, 2, 3)] });
  const streamOf = (bytes: Uint8Array) => new Blob([bytes.slice()]).stream();
  await assert.rejects(Array.fromAsync(readFrames(streamOf(whole.subarray(0, whole.length - 1)))), /ended within/);
  await assert.rejects(Array.fromAsync(readFrames(streamOf(new Uint8Array(16).fill(255)))), /RangeError|beyond 2 GiB/);
  const lying = whole.slice();
  new DataView(lying.buffer).setUint32(4, 10_000, true);
  await assert.rejects(Array.fromAsync(readFrames(streamOf(lying))), /longer than itself/);
});

Deno.test("unpackRows() gives back what packRows() took, -0 and null among it", () => {
  const rows = [
    { trial: "a", value: -0, note: null, flag: true },
    { trial: "a", value: 1.5, note: "x", flag: false },
    { trial: "b", value: 1e-320, note: null, flag: true },
  ];
  const { packed, parts } = packRows(rows);
  assert.deepEqual(unpackRows(JSON.parse(JSON.stringify(packed)), parts), rows);
  assert.deepEqual(unpackRows(packRows([]).packed, []), []);
});
