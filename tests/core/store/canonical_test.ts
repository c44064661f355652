import assert from "node:assert/strict";
import fc from "fast-check";
import { canonical, keyOf, pathText } from "../../../core/store/canonical.ts";

Deno.test("canonical() gives the example of RFC 8785, section 3.2.2", () => {
  const value = JSON.parse(`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`);
  assert.equal(
    canonical(value),
    `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      `"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
  );
});

Deno.test("canonical() sorts names by UTF-16 code units: RFC 8785, section 3.2.3", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  const order = Array.from(canonical(value).matchAll(/:"([^"]*)"/g), ([, text]) => text.split(" ")[0]);
  assert.deepEqual(order, ["Carriage", "One", "Control", "Latin", "Euro", "Emoji:", "Hebrew"]);
});

Deno.test("canonical() writes the numbers of RFC 8785, appendix B", () => {
  for (const [bits, text] of NUMBERS) {
    const number = new Float64Array(BigUint64Array.of(BigInt(`0x${bits}`)).buffer)[0];
    assert.equal(canonical(number), text, bits);
  }
});

Deno.test("canonical() reads back as what was written, and does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = canonical(value);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    assert.equal(canonical(JSON.parse(text)), text);
  }));
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
    assert.equal(canonical(Object.fromEntries(Object.entries(value).reverse())), canonical(value));
  }));
});

Deno.test("canonical() refuses what JSON cannot hold, and says where it is", () => {
  const refused: [unknown, string][] = [
    [NaN, "every number must be finite: the value is NaN"],
    [{ training: { rate: Infinity } }, "every number must be finite: training.rate is Infinity"],
    [{ a: [0, -Infinity] }, "every number must be finite: a[1] is -Infinity"],
    [{ "a b": undefined }, 'JSON must be able to hold every value: ["a b"] is undefined'],
    [{ f: () => 1 }, "JSON must be able to hold every value: f is a function"],
    [[1n], "JSON must be able to hold every value: [0] is a bigint"],
    [{ s: Symbol("s") }, "JSON must be able to hold every value: s is a symbol"],
    // deno-lint-ignore no-sparse-arrays
    [[1, , 2], "JSON must be able to hold every value: [1] is undefined"],
    [{ when: new Date(0) }, "every object must be plain: when is a Date"],
    [{ data: new Float32Array(1) }, "every object must be plain: data is a Float32Array"],
    [{ map: new Map() }, "every object must be plain: map is a Map"],
    [{ text: "\ud800" }, 'every text must be well-formed Unicode: text is "\\ud800"'],
    [{ "\udc00": 1 }, 'every name must be well-formed Unicode: the value is named "\\udc00"'],
  ];
  for (const [value, message] of refused) {
    assert.throws(() => canonical(value), { message: `Cannot write canonical JSON as ${message}` });
  }
  const circle: Record<string, unknown> = {};
  circle.me = circle;
  assert.throws(() => canonical(circle), /must nest at most 1000 deep: me\.me\.me is deeper or circular$/);
});

Deno.test("keyOf() gives a pinned key: whoever moves it orphans every store", () => {
  const inputs = {
    dataset: { id: "symmetric-rule", version: 1, options: { form: "stochastic" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, train: 1 },
    replicate: 0,
    title: "π",
  };
  assert.equal(keyOf(inputs), PINNED_KEY);
  assert.equal(keyOf("abc"), "6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25");
});

Deno.test("keyOf() is SHA-256 of the UTF-8 of canonical(), by the platform's own code too", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
    const bytes = new TextEncoder().encode(canonical(value));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    assert.equal(keyOf(value), digest.toHex());
  }));
});

Deno.test("pathText() writes a path as one would in code", () => {
  assert.equal(pathText(["claims", 0, "theta", 3]), "claims[0].theta[3]");
  assert.equal(pathText([0, "base.training"]), '[0]["base.training"]');
  assert.equal(pathText([]), "the value");
});

/** Python's: hashlib.sha256(json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()). */
const PINNED_KEY = "04d005391b657e33696b8b269caed7adbc46f1173591d4846857526d928de0c2";

const NUMBERS = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];
