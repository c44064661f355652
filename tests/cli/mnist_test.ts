import assert from "node:assert/strict";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("convolutional nets on the real MNIST give the blessed bytes, from the image files to the verdict", async () => {
  await inFolder(async (dir) => {
    const said = await infoplane([
      "reproduce",
      "mnist-cnn",
      "--profile",
      "smoke",
      "--no-site",
      "--store",
      `${dir}/store`,
      "--out",
      dir,
    ]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    assert.match(said.stdout, /mnist-cnn · smoke · 4 nets \(4 trained, 0 reused\)/);
    assert.match(said.stdout, /mnist-cnn\s+undecided/);
  });
});
